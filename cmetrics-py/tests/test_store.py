"""A store keeps points, and gives them as the command and `points` do."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cmetrics
from dumps import DATA, assert_same, dump, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORDED = DATA / "recorded"
POLLS = recorded("dynamic", "v1.2-docker")
ALIAS = "cpuhog"
START = 1_795_262_400  # 2026-11-21T12:00:00Z
# Of limits, too, points tell the same only where it is kept.
WORKING_SET = "memory.working_set"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[cmetrics.Store]:
    with cmetrics.Store(tmp_path / "store") as store:
        yield store


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The steady recording, closed."""
    folder = tmp_path_factory.mktemp("filled") / "store"
    with cmetrics.Store(folder, metrics=WORKING_SET) as store:
        store.ingest(RECORDED / "steady-1s", on_error="collect")
    return folder


def command(*arguments: object) -> Any:
    """What the command says, read back."""
    done = subprocess.run(
        [sys.executable, "-m", "cmetrics", *(str(argument) for argument in arguments)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["dynamic", "steady-1s", "v060-1s", "v060-oom"])
def test_a_store_gives_the_points_of_one_call(name: str, tmp_path: Path) -> None:
    with cmetrics.Store(tmp_path / "store", metrics="memory.*") as store:
        kept = store.ingest(RECORDED / name, on_error="collect")
        wanted = cmetrics.points(RECORDED / name, metrics="memory.*", on_error="collect")
        assert kept.containers == len(store.containers())
        assert kept.accepted > 0
        found = store.range()
        assert found == wanted
        assert [one.name for one in found.containers] == [one.name for one in wanted.containers]
        assert [one.aliases for one in found.containers] == [
            one.aliases for one in wanted.containers
        ]
        for one, known in found.limits.items():
            assert known | {"changes": 0} == wanted.limits[one] | {"changes": 0}
        assert found.to_list("of_limit.memory") == wanted.to_list("of_limit.memory")
        assert found.to_list("of_limit.cpu") == wanted.to_list("of_limit.cpu")
        again = store.ingest(RECORDED / name, on_error="collect")
        assert (again.accepted, again.added) == (0, 0)
        assert store.range() == wanted


@settings(deadline=None, max_examples=15)
@given(st.permutations(POLLS), st.integers(1, 8))
def test_dumps_one_by_one_in_any_order_give_the_points_of_one_call(
    order: list[Path], size: int
) -> None:
    wanted = cmetrics.points(POLLS, metrics=WORKING_SET)
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(order), size):
            with cmetrics.Store(folder, lateness=600, metrics=WORKING_SET) as store:
                store.ingest(order[start : start + size])
        with cmetrics.Store(folder, read_only=True, metrics=WORKING_SET) as store:
            assert store.range() == wanted


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, []),
        ({"interval": 60}, ["--interval", 60]),
        ({"interval": 5}, ["--interval", 5]),
        ({"metrics": WORKING_SET}, ["--metrics", WORKING_SET]),
        ({"all_bearers": True}, ["--all-bearers"]),
    ],
)
def test_the_last_points_are_those_of_the_command(
    filled: Path, options: dict[str, Any], arguments: list[object]
) -> None:
    wanted = command("get", "--store", filled, ALIAS, "--period", 60, *arguments)
    with cmetrics.Store(filled, read_only=True) as store:
        assert wanted
        # Without it they carry what they were made with.
        options = {"metrics": [], **options}
        assert_same(store.last(ALIAS, 60, **options).to_dicts(), wanted)
        end = store.last(ALIAS, 5)[-1].end
        ranged = store.range(ALIAS, end - 60, end, **options)
        assert_same(ranged.to_dicts(), wanted)


def test_shares_of_limits_are_those_of_the_command(filled: Path) -> None:
    wanted = command("get", "--store", filled, ALIAS, "--period", 600, "--extended")
    with cmetrics.Store(filled, read_only=True) as store:
        found = store.last(ALIAS, 600, metrics=[])
    assert any(point["of_limit"]["cpu"] is not None for point in wanted)
    assert_same([point.of_limit for point in found], [point["of_limit"] for point in wanted])
    assert [point.metrics for point in found] == [{}] * len(found)


def test_containers_and_figures_are_those_of_the_command(filled: Path) -> None:
    containers = command("containers", "--store", filled, "--format", "json")
    stats = command("store", "stats", "--format", "json", filled)
    events = command("store", "events", "--format", "json", filled)
    with cmetrics.Store(filled, read_only=True) as store:
        found = store.containers()
        assert [one.name for one in found] == [one["name"] for one in containers]
        assert [one.limits for one in found] == [
            one["limits"] | {"changes": 0} for one in containers
        ]
        provisional = {"provisional_points": store.count_provisional()}
        known = {**store.stats, **provisional, **store.settings}
        same = set(known) & set(stats)
        assert len(same) > 10
        assert {name: known[name] for name in same} == {name: stats[name] for name in same}
        assert [(e.container, e.kind) for e in store.events()] == [
            (e["container"], e["event"]) for e in events
        ]
        assert store.verify() == []
        assert store.settings == {
            "interval": 5,
            "max_gap": 150,
            "lateness": 180,
            "metrics": [],
        }


def polls(container: str, *seconds: int, alias: str | None = None, growth: int = 1) -> bytes:
    stats = [
        {
            "timestamp": datetime.fromtimestamp(START + second, timezone.utc).isoformat(),
            "cpu": {"usage": {"total": second * growth}},
        }
        for second in seconds
    ]
    aliases = {} if alias is None else {"aliases": [alias]}
    return json.dumps({container: {**aliases, "spec": {"has_cpu": True}, "stats": stats}}).encode()


def test_a_range_is_of_a_time_and_of_containers(store: cmetrics.Store) -> None:
    store.ingest([polls("/a", *range(0, 60, 5)), polls("/b", *range(0, 60, 5))])
    everything = store.range()
    assert len(everything) == 24
    assert store.range(["/b", "/a", "/b"]) == everything
    assert len(store.range([])) == 0
    times: list[tuple[float | str, float | str]] = [
        (START + 5, START + 20),
        (START + 4.9, START + 15.1),
        ("2026-11-21T12:00:05Z", "2026-11-21T12:00:20Z"),
    ]
    for start, end in times:
        found = store.range("/a", start, end)
        assert [point.start - START for point in found] == [5, 10, 15]
        assert found == everything.select("/a", start=start, end=end)
    assert len(store.range(start=START + 55)) == 2
    assert len(store.range(end=-1)) == 0
    minutes = store.range(interval=60)
    assert minutes == everything.resample(60)
    assert [point.cpu_usage for point in store.range("/a", START + 30, interval=60)] == [55]
    with pytest.raises(cmetrics.SettingError, match="whole multiple"):
        store.range(interval=7)
    with pytest.raises(cmetrics.SettingError):
        store.range(interval=0)


def test_an_alias_means_its_last_bearer(store: cmetrics.Store) -> None:
    old, new = "/docker/" + "a" * 64, "/docker/" + "b" * 64
    store.ingest([polls(old, 0, 5, 10, alias="web"), polls(new, 100, 105, 110, alias="web")])
    assert [point.name[0] for point in store.last("web", 10)] == ["b", "b"]
    assert len(store.last("web", 1000)) == 3
    assert len(store.last("web", 1000, all_bearers=True)) == 6
    assert {point.name[0] for point in store.range("web", end=START + 50)} == {"a"}
    assert store.range("aaaa") == store.range("a" * 64)
    assert [one.aliases for one in store.range("bbbb").containers] == [["web"]]
    with pytest.raises(cmetrics.UnknownContainerError) as caught:
        store.range(["web", "nobody"])
    assert len(caught.value.points) == 3
    assert len(store.range(["web", "nobody"], on_error="collect").errors) == 1
    with pytest.raises(cmetrics.UnknownContainerError):
        store.last("nobody", 5)


def test_containers_are_chosen_by_labels(store: cmetrics.Store) -> None:
    for name, app in (("/a", "web"), ("/b", "db"), ("/c", "web")):
        reply = json.loads(polls(name, *range(0, 60, 5)))
        reply[name]["spec"]["labels"] = {"app": app, "name": name}
        store.ingest(json.dumps(reply).encode())
    web = {"app": "web"}
    assert [one.name for one in store.containers(label=web)] == ["/a", "/c"]
    assert store.containers(label={"app": "cache"}) == []
    assert len(store.containers()) == 3
    assert store.range(label=web) == store.range(["/a", "/c"])
    assert store.range(["/a", "/b"], label=web) == store.range("/a")
    assert store.last(None, 10, label={**web, "name": "/c"}) == store.last("/c", 10)
    assert store.last(None, 10) == store.range(start=START + 50)
    assert len(store.range(label={"app": "cache"})) == 0


def test_a_container_of_several_doors_is_one(store: cmetrics.Store) -> None:
    scrapes = [
        f'container_memory_usage_bytes{{id="/a"}} 4096 {(START + second) * 1000}\n'.encode()
        for second in (0, 5, 10)
    ]
    for source in [polls("/a", 0, 5, 10), *scrapes]:
        store.ingest(source)
    expected = cmetrics.points([polls("/a", 0, 5, 10), *scrapes])
    assert store.range("/a") == expected
    assert [one.doors for one in store.containers()] == [["cadvisor", "exposition"]]
    assert [one.doors for one in expected.containers] == [["cadvisor", "exposition"]]


def test_events_of_every_door_are_told_on_wish(store: cmetrics.Store) -> None:
    store.ingest(polls("/a", 1, 5))
    rows = [
        f'container_cpu_usage_seconds_total{{id="/a",cpu="total"}} {used} {(START + at) * 1000}\n'
        for at, used in ((11, 9), (15, 1), (19, 2))
    ]
    store.ingest("".join(rows).encode())
    assert store.events() == []
    (restart,) = store.events(every_door=True)
    assert (restart.kind, restart.door, restart.container) == ("restart", "exposition", "/a")


def test_points_know_what_happened_in_their_time(store: cmetrics.Store) -> None:
    store.ingest(polls("/a", 0, 5, 1000, 1005))
    gap, grown = store.events()
    assert (gap.kind, gap.container, gap.at) == ("gap", "/a", START + 1000)
    assert gap.since_ns == (START + 5) * 10**9
    assert (grown.kind, grown.metric, grown.growth) == ("unattributed", "cpu.usage", 995)
    assert store.range().events == [gap, grown]
    assert store.range(end=START + 500).events == []
    assert store.events(end=START + 1000) == []
    assert len(store.events(start=START + 1000, end=START + 1001)) == 2


def test_points_are_put_beside_those_that_are_there(store: cmetrics.Store) -> None:
    points = cmetrics.points([polls("/a", 0, 5, 10), polls("/b", 0, 5)])
    assert store.append(points) == {"added": 5, "replaced": 0, "unchanged": 0, "refused": 0}
    assert store.append(points)["unchanged"] == 5
    assert store.range() == points
    assert store.append(points[:0])["added"] == 0
    with pytest.raises(cmetrics.SettingError, match="interval"):
        store.append(cmetrics.points(polls("/c", 0, 5)) + cmetrics.points(dump(), interval=7))
    assert len(store.range()) == 5


def test_many_points_are_put_there_container_by_container(store: cmetrics.Store) -> None:
    names = [f"/{number:03}" for number in range(30)]
    seconds = range(0, 10_000, 5)
    points = cmetrics.points([polls(name, *seconds) for name in names])
    assert len(points) == 60_000
    assert store.append(points)["added"] == len(points)
    assert store.range() == points


def test_points_of_differing_metrics_come_in_one(tmp_path: Path) -> None:
    for metrics, seconds in [([], (0, 4)), ("memory.*", (5, 9)), ("cpu.user", (10, 14))]:
        with cmetrics.Store(tmp_path / "store", metrics=metrics) as store:
            store.append(cmetrics.points(polls("/a", *seconds), metrics=metrics))
    with cmetrics.Store(tmp_path / "store") as store:
        points = store.range()
        assert len(points) == 3
        assert "memory.working_set.ave" in points.fields
        assert "cpu.user" in points.fields
        assert points.to_list("start") == [START, START + 5, START + 10]
        assert store.range(metrics="cpu.user").fields[-1] == "cpu.user"


def test_samples_that_are_too_old_are_refused_where_that_is_wanted(store: cmetrics.Store) -> None:
    store.ingest(polls("/a", 1000, 1005))
    with pytest.raises(cmetrics.RefusedError, match="nothing was ingested"):
        store.ingest([polls("/a", 0, 5), polls("/b", 1, 6)], strict=True)
    assert [one.name for one in store.containers()] == ["/a"]
    assert store.ingest(polls("/a", 0, 5)).old == 2
    assert len(store.range("/a")) == 4


def test_what_is_wrong_with_dumps_is_told_and_the_rest_is_kept(
    store: cmetrics.Store, tmp_path: Path
) -> None:
    with pytest.raises(cmetrics.ReadError) as caught:
        store.ingest([tmp_path / "nowhere", dump()])
    kept = caught.value.kept
    assert (kept.accepted, len(kept.errors)) == (2, 1)
    assert len(store.range()) == 1
    with pytest.warns(UserWarning, match="no cAdvisor samples"):
        store.ingest(b"no dump", on_error="warn")
    assert [error.kind for error in store.ingest(b"no", on_error="collect").errors] == [
        "not_a_dump"
    ]
    assert repr(kept).startswith("<Kept: 2 new samples, 0 already there, 0 old, of 1 containers")


def test_what_is_old_is_dropped(store: cmetrics.Store) -> None:
    store.ingest(polls("/a", *range(0, 3600, 5)))
    before = len(store.range())
    store.retain(points=10**9)
    assert len(store.range()) == before
    retained = store.retain(age=600, now=START + 3600)
    assert retained["floor"] == START + 3000
    assert min(point.start for point in store.range()) >= START + 3000
    assert store.append(cmetrics.points(polls("/a", 0, 4)))["refused"] == 1
    assert store.stats["refused"] == 1
    assert store.stats["floor"] == START + 3000
    store.compact()
    assert store.stats["segments"] == 1
    # A clock that is ahead, or samples that have stopped, drop nothing.
    with pytest.raises(cmetrics.RefusedError, match="is the time right"):
        store.retain(age=600, now=START + 10**6)
    assert store.retain(since=START)["floor"] == START
    assert store.append(cmetrics.points(polls("/a", 0, 4)))["added"] == 1
    for options in (
        {},
        {"age": 1, "points": 1},
        {"since": 1, "age": 1},
        {"age": -1},
        {"points": -1},
    ):
        with pytest.raises(cmetrics.SettingError):
            store.retain(**options)


def test_what_is_wrong_is_taken_out(store: cmetrics.Store) -> None:
    store.ingest(polls("/a", *range(0, 60, 5)))
    store.ingest(polls("/a", 10**8))
    assert store.ingest(polls("/a", *range(60, 120, 5))).old == 12
    removed = store.remove("/a", start=START + 10**7)
    assert removed == {"container": "/a", "points": 1, "events": removed["events"]}
    assert max(point.end for point in store.range()) == START + 120
    assert store.ingest(polls("/a", *range(120, 180, 5))).old == 0
    store.remove("/a", START + 60, START + 90)
    starts = [point.start - START for point in store.range()]
    assert not [start for start in starts if 60 <= start < 90]
    assert {0, 90, 175} <= set(starts)
    with pytest.raises(cmetrics.UnknownContainerError):
        store.remove("/nowhere")
    store.remove("/a")
    assert len(store.range()) == 0
    assert store.containers() == []


def test_points_far_ahead_of_the_time_that_was_told_are_refused(store: cmetrics.Store) -> None:
    store.advance("2026-11-21T10:00:00Z")
    assert store.append(cmetrics.points(polls("/a", 0, 4)))["refused"] == 1


@pytest.mark.parametrize("sync", ["always", "os", 1, 0.5])
def test_what_was_written_is_there_after_it_is_opened_anew(
    tmp_path: Path, sync: Literal["always", "os"] | float
) -> None:
    with cmetrics.Store(str(tmp_path / "store"), sync=sync) as store:
        store.ingest(dump())
        store.sync()
    with cmetrics.Store(tmp_path / "store") as store:
        assert store.range() == cmetrics.points(dump())


@pytest.mark.parametrize(
    "options",
    [
        {"interval": 0},
        {"max_gap": 1},
        {"lateness": -1},
        {"metrics": "nothing"},
        {"sync": "never"},
        {"sync": 0},
        {"sync": -1},
        {"wait": -1},
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_is_left(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(cmetrics.SettingError):
        cmetrics.Store(tmp_path / "store", **options)
    assert not (tmp_path / "store").exists()


def test_what_is_fixed_must_not_be_said_otherwise(filled: Path) -> None:
    for options in ({"interval": 7}, {"lateness": 1}, {"max_gap": 100}):
        with pytest.raises(cmetrics.SettingError, match="made with"):
            cmetrics.Store(filled, read_only=True, **options)  # type: ignore[arg-type]


def test_a_store_that_is_not_there_is_not_opened_to_be_read(tmp_path: Path) -> None:
    with pytest.raises(cmetrics.ReadError) as caught:
        cmetrics.Store(tmp_path / "nowhere", read_only=True)
    assert isinstance(caught.value, OSError)
    assert not (tmp_path / "nowhere").exists()


def test_one_process_writes(store: cmetrics.Store) -> None:
    with pytest.raises(cmetrics.LockedError):
        cmetrics.Store(store.path)
    closing = threading.Timer(0.3, store.close)
    closing.start()
    with cmetrics.Store(store.path, wait=30) as other:
        assert store.closed
        assert not other.closed
    closing.join()


def test_a_reader_sees_what_was_written_when_it_looks_anew(store: cmetrics.Store) -> None:
    with cmetrics.Store(store.path, read_only=True) as reader:
        store.ingest(dump())
        assert len(reader.range()) == 0
        reader.refresh()
        assert len(reader.range()) == 1
        for write in (
            lambda: reader.ingest(dump()),
            lambda: reader.append(cmetrics.points(dump())),
            reader.compact,
            lambda: reader.retain(points=1),
        ):
            with pytest.raises(cmetrics.ReadOnlyError, match="opened to be read") as caught:
                write()
            assert caught.value.kind == "read_only"
    store.refresh()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = cmetrics.Store(tmp_path / "store")
    assert repr(store) == f'<Store "{tmp_path / "store"}">'
    store.ingest(dump())
    store.close()
    store.close()
    assert store.closed
    assert repr(store).endswith(", closed>")
    for use in (
        lambda: store.ingest(dump()),
        lambda: store.append(cmetrics.points(dump())),
        store.range,
        lambda: store.last("/docker", 5),
        store.containers,
        store.events,
        lambda: store.stats,
        lambda: store.settings,
        lambda: store.advance(1000),
        store.__enter__,
        store.verify,
        store.compact,
        store.refresh,
        store.sync,
    ):
        with pytest.raises(cmetrics.RefusedError, match="it was closed") as caught:
            use()
        assert isinstance(caught.value, ValueError)
        assert isinstance(caught.value, cmetrics.StoreError)
        assert caught.value.kind == "refused"


def test_a_copy_is_a_store(store: cmetrics.Store, tmp_path: Path) -> None:
    store.ingest(POLLS)
    store.snapshot(tmp_path / "copy")
    with cmetrics.Store(tmp_path / "copy", read_only=True) as copy:
        assert copy.range() == store.range()
    with pytest.raises(cmetrics.ReadError):
        store.snapshot(tmp_path / "copy")


def damage_points(segment: Path, most: int) -> None:
    """Change a byte somewhere in the points of one container, of whom all have so many."""
    text = segment.read_bytes()
    for place in range(8, len(text), 100):
        segment.write_bytes(text[:place] + bytes([text[place] ^ 0xFF]) + text[place + 1 :])
        with cmetrics.Store(segment.parent, read_only=True, despite_damage=True) as store:
            try:
                damaged = store.range(on_error="collect")
            except cmetrics.DamagedError:
                continue  # of what it needs to tell the containers
            if damaged.errors and len(damaged) > most // 2:
                return
    pytest.fail("no byte belongs to points")


def test_damage_is_found_told_and_survived(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with cmetrics.Store(folder, lateness=5) as store:
        store.ingest(RECORDED / "steady-1s", on_error="collect")
        store.compact()
        whole = store.range()
    [segment] = folder.glob("segment-*")
    damage_points(segment, len(whole))
    with cmetrics.Store(folder, read_only=True, despite_damage=True) as store:
        damages = store.verify()
        assert damages
        assert all(isinstance(damage, cmetrics.DamagedError) for damage in damages)
        assert str(segment) in {damage.source for damage in damages}
        with pytest.raises(cmetrics.DamagedError) as caught:
            store.range()
        assert 0 < len(caught.value.points) < len(whole)
    salvaged = cmetrics.Store.salvage(folder, tmp_path / "saved")
    assert salvaged["lost"]
    with cmetrics.Store(tmp_path / "saved", read_only=True) as saved:
        assert 0 < salvaged["points"] <= len(saved.range()) < len(whole)
        assert saved.verify() == []
    with pytest.raises(cmetrics.ReadError):
        cmetrics.Store.salvage(folder, tmp_path / "saved")


def test_threads_write_and_read_at_once(store: cmetrics.Store) -> None:
    names = [f"/{number}" for number in range(8)]
    ended = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not ended.is_set():
            seen.append(len(store.range()))

    reader = threading.Thread(target=read)
    reader.start()
    dumps = [polls(name, *range(0, 101, 5)) for name in names]
    writers = [threading.Thread(target=store.ingest, args=(dump,)) for dump in dumps]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ended.set()
    reader.join()
    assert seen == sorted(seen)
    assert store.range() == cmetrics.points(dumps)


def test_a_store_that_is_closed_meanwhile_waits_for_who_works_with_it(tmp_path: Path) -> None:
    store = cmetrics.Store(tmp_path / "store")
    said: list[str] = []

    def ingest() -> None:
        try:
            while True:
                store.ingest(dump())
        except cmetrics.RefusedError as refused:
            said.append(str(refused))

    threads = [threading.Thread(target=ingest) for _ in range(3)]
    for thread in threads:
        thread.start()
    store.close()
    for thread in threads:
        thread.join()
    assert len(said) == 3


def test_a_store_that_nobody_has_any_more_is_closed(tmp_path: Path) -> None:
    store = cmetrics.Store(tmp_path / "store")
    store.ingest(dump())
    del store
    with cmetrics.Store(tmp_path / "store") as store:
        assert len(store.range()) == 1


@pytest.mark.parametrize("end", ["raise ValueError", "os._exit(1)", "os.kill(os.getpid(), 9)"])
@pytest.mark.parametrize("block", [True, False])
def test_what_calls_have_written_is_there_however_the_process_ends(
    end: str, tmp_path: Path, *, block: bool
) -> None:
    opened = f"cmetrics.Store({str(tmp_path / 'store')!r})"
    lines = [f"store.ingest({dump()!r})", end]
    script = [f"with {opened} as store:", *(f"    {line}" for line in lines)]
    if not block:
        script = [f"store = {opened}", *lines]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(["import os", "import cmetrics", *script])],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    # It waits for nobody, and what is not final yet is there, too.
    with cmetrics.Store(tmp_path / "store") as store:
        [point] = store.range()
        assert point.cpu_usage == 6_000_000_000


def test_plotting_goes_to_the_points(store: cmetrics.Store) -> None:
    store.ingest(dump())
    points = store.range("/docker", START)
    assert len(points) > 0
    assert str(store.plot("/docker", START, kind="html")) == str(points.plot("html"))
    with pytest.raises(ValueError, match="kind: 'nothing'"):
        store.plot("/docker", START, kind="nothing")
