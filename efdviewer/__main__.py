"""`python -m efdviewer` does what `efdviewer` does."""

import sys

from efdviewer.app import main

if __name__ == "__main__":
    sys.exit(main())
