"""A desktop viewer of telescope engineering data kept in an EFD."""

__version__ = "0.1.0"
