import asyncio

import pytest

from efdviewer.domain.errors import UnknownTopicError, UnreachableError
from efdviewer.services.catalog import Catalog
from efdviewer.sources.archive import ArchiveSource
from tests.listed import ListedSource, floats, small

WREB = "lsst.sal.ATCamera.wreb"


async def test_that_calls_at_the_same_time_share_one_request():
    source = ListedSource(small())
    catalog = Catalog(source)
    source.gate.clear()
    calls = [asyncio.ensure_future(catalog.fields(WREB)) for _ in range(5)]
    await asyncio.sleep(0)
    source.gate.set()
    answers = await asyncio.gather(*calls)
    assert source.asked == [WREB]
    assert all(answer == small()[WREB] for answer in answers)
    await catalog.fields(WREB)
    assert await catalog.topics() == await catalog.topics()
    assert source.asked == [WREB, "topics"]


async def test_that_one_who_gives_up_leaves_the_others_waiting_for_an_answer():
    source = ListedSource(small())
    catalog = Catalog(source)
    source.gate.clear()
    first, second = (asyncio.ensure_future(catalog.fields(WREB)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await second == small()[WREB]
    assert first.cancelled()


async def test_that_a_failure_is_not_remembered():
    source = ListedSource(small())
    catalog = Catalog(source)
    source.failure = UnreachableError("The host is gone.")
    with pytest.raises(UnreachableError):
        await catalog.topics()
    source.failure = None
    assert len(await catalog.topics()) == len(small())
    with pytest.raises(UnknownTopicError):
        await catalog.fields("nowhere")
    assert catalog.known_fields("nowhere") is None


async def test_that_observers_are_told_once_what_became_known():
    catalog = Catalog(ListedSource(small()))
    told = []
    catalog.observers.append(lambda topic, fields: told.append((topic, len(fields))))
    assert catalog.known_fields(WREB) is None
    await catalog.fields(WREB)
    await catalog.fields(WREB)
    assert told == [(WREB, 7)]
    assert catalog.known_fields(WREB) == small()[WREB]


async def test_that_an_answer_from_before_a_reload_is_not_taken_for_new():
    fields = small()
    source = ListedSource(fields)
    catalog = Catalog(source)
    source.gate.clear()
    old = asyncio.ensure_future(catalog.fields(WREB))
    await asyncio.sleep(0)
    catalog.reload()
    source.gate.set()
    await old
    assert catalog.known_fields(WREB) is None
    fields[WREB] = floats("renamed")
    assert await catalog.fields(WREB) == floats("renamed")


async def test_that_the_fields_of_an_archive_are_known_with_its_topics(night):
    async with ArchiveSource(night) as source:
        catalog = Catalog(source)
        assert catalog.known_fields("lsst.sal.ATCamera.wrebPower") is None
        await catalog.topics()
        names = {schema.name for schema in catalog.known_fields("lsst.sal.ATCamera.wrebPower")}
        assert "analog_I" in names
