"""The four parts of the benchmark. Runs are interleaved, so that a slow minute hits all alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import TypeVar

from bench import projects
from bench.composer import Composer, find
from bench.report import Figures, Section, Target, table
from bench.subjects import PulumiSubject, Subject
from bench.timing import Run
from bench.workplace import Workplace


T = TypeVar("T")
VERBS = ("preview", "up", "no-op up", "destroy")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    services: int
    growth: tuple[int, ...]
    rounds: int


FULL = Size(services=25, growth=(25, 100, 400), rounds=5)
QUICK = Size(services=5, growth=(5, 25), rounds=1)


@dataclass
class Series:
    """Seconds by subject and verb, one entry a round."""

    seconds: dict[tuple[str, str], Figures] = field(default_factory=dict)

    def add(self, subject: str, verb: str, run: Run | None) -> None:
        """Keep what one command took."""
        if run is not None:
            self.seconds.setdefault((subject, verb), Figures()).append(run.seconds)

    def ratio(self, verb: str, one: str, other: str) -> float | None:
        """The median of the rounds' ratios of *one* to *other*."""
        pairs = (self.seconds.get((one, verb)), self.seconds.get((other, verb)))
        if pairs[0] is None or pairs[1] is None:
            return None
        return median(a / b for a, b in zip(pairs[0], pairs[1], strict=True))


def services(place: Workplace, size: Size) -> Section:
    """TAME's components beside the flat program and Compose, for equal services."""
    which = projects.equal(size.services)
    composer = find(place.say)
    subjects: list[Subject] = [
        projects.tame(place, which),
        projects.by_hand(place, which),
        projects.compose(place, which, composer),
    ]
    series = _life(place, subjects, size.rounds)
    names = [subject.name for subject in subjects]
    targets = [
        Target(f"components over the flat program, {verb}", ratio - 1, 0.10)
        for verb in VERBS
        if (ratio := series.ratio(verb, names[0], names[1])) is not None
    ]
    title = f"{size.services} services: components, a flat program, Compose"
    return Section(title, [_lives(series, names), _rounds(size.rounds, composer)], targets)


def dev(place: Workplace, size: Size) -> Section:
    """The dev stack, with its policies as `make dev` runs them, beside Compose."""
    composer = find(place.say)
    subjects: list[Subject] = [
        projects.tame(place, projects.dev, "dev", policies=True),
        projects.compose(place, projects.dev, composer, "devpeer"),
    ]
    rounds = max(1, size.rounds - 2)
    series = _life(place, subjects, rounds)
    names = [subject.name for subject in subjects]
    ratio = series.ratio("up", *names) or 0.0
    title = f"The dev stack: {len(subjects[0].topology.services)} services, a VPN among them"
    note = "TAME's commands run the policy pack, as `make dev` does."
    text = [_lives(series, names), _rounds(rounds, composer), note]
    return Section(title, text, [Target("`up` beside Compose", ratio, 2, ratio=True)])


def policies(place: Workplace, size: Size) -> Section:
    """What the policy pack adds to a preview, beside what any pack adds."""
    subject = projects.tame(place, projects.equal(size.services), "policed")
    packs = {
        "without": (),
        "with a pack of one empty policy": ("--policy-pack", str(projects.empty_pack(place))),
        "with TAME's": ("--policy-pack", str(subject.home / "project" / "policies")),
    }
    without, empty, ours = packs
    series = Series()
    for flags in packs.values():  # the first run compiles
        subject.preview(*flags)
    rounds = size.rounds + 2 if size.rounds > 1 else 1
    for number in range(rounds):
        for name, flags in _turned(packs, number):
            place.say(f"policies, round {number + 1}/{rounds}: preview {name}")
            series.add(name, "preview", subject.preview(*flags))

    def beyond(one: str, other: str) -> float:
        return (series.ratio("preview", one, other) or 0.0) - 1

    rows = [
        [name, str(series.seconds[name, "preview"]), f"{beyond(name, without) * 100:+.0f} %"]
        for name in packs
    ]
    title = f"Policies, at {size.services} services"
    note = f"Medians of {rounds} interleaved rounds, and of the rounds' ratios."
    text = [table(["policy pack", "preview", "beyond none"], rows), note]
    targets = [
        Target("policies over a preview without them", beyond(ours, without), 0.15),
        Target("policies over the empty pack", beyond(ours, empty), 0.15),
    ]
    return Section(title, text, targets)


def growth(place: Workplace, size: Size) -> Section:
    """How a preview's time and memory grow with the number of services."""
    rows, targets = [], []
    rounds = 1 if size.rounds == 1 else 3
    for count in size.growth:
        which = projects.equal(count)
        pair = {
            "TAME": projects.tame(place, which, f"grow{count}"),
            "flat program": projects.by_hand(place, which, f"flat{count}"),
        }
        found = _previews(place, pair, count, rounds)
        rows += [_row(count, name, runs) for name, runs in found.items()]
        targets = _largest(count, found["TAME"])
    columns = ["services", "", "preview", "per service", "CPU", "program", "all processes"]
    note = (
        f"Medians of {rounds} interleaved runs. CPU: of the CLI and all its children. Memory: the"
        " largest resident set of the program's process, and the sum over the CLI and all its"
        " children at the worst moment, in which shared pages count once for each process."
    )
    return Section("Growth", [table(columns, rows), note], targets)


def _row(count: int, name: str, runs: list[Run]) -> list[str]:
    seconds = Figures(run.seconds for run in runs)
    each = f"{1000 * median(seconds) / count:.0f} ms"
    cpu = f"{median(run.cpu for run in runs):.1f} s"
    program = f"{max(run.program or 0.0 for run in runs):.0f} MiB"
    tree = f"{max(run.tree or 0.0 for run in runs):.0f} MiB"
    return [str(count), name, str(seconds), each, cpu, program, tree]


def _largest(count: int, runs: list[Run]) -> list[Target]:
    seconds = median(run.seconds for run in runs)
    program = max(run.program or 0.0 for run in runs)
    return [
        Target(f"preview of {count} services", seconds, 15, unit="s"),
        Target(f"memory of the program of {count} services", program, 400, unit="MiB"),
    ]


def _previews(
    place: Workplace, pair: dict[str, PulumiSubject], count: int, rounds: int
) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {name: [] for name in pair}
    for number in range(rounds):
        for name, subject in _turned(pair, number):
            place.say(f"growth, round {number + 1}/{rounds}: {name}, {count} services")
            found[name].append(subject.preview(memory=True))
    return found


def _life(place: Workplace, subjects: list[Subject], rounds: int) -> Series:
    """Each subject comes up, rests and goes, once a round; never two at a time."""
    series = Series()
    for one in subjects:  # the first run of a program compiles it
        one.fresh()
        one.preview()
    for number in range(rounds):
        for name, subject in _turned({one.name: one for one in subjects}, number):
            place.say(f"round {number + 1}/{rounds}: {name}, {len(subject.topology.services)}")
            subject.fresh()
            series.add(name, "preview", subject.preview())
            series.add(name, "up", subject.up())
            subject.check_up()
            series.add(name, "no-op up", subject.again())
            series.add(name, "destroy", subject.destroy())
            subject.check_gone()
    return series


def _turned(things: dict[str, T], number: int) -> list[tuple[str, T]]:
    """In one order in even rounds, in the other in odd ones."""
    order = list(things.items())
    return order if number % 2 == 0 else order[::-1]


def _lives(series: Series, names: list[str]) -> str:
    rows = [
        [name, *(str(series.seconds.get((name, verb), "-")) for verb in VERBS)] for name in names
    ]
    first = names[0]
    for other in names[1:]:
        ratios = [series.ratio(verb, first, other) for verb in VERBS]
        shown = [f"{ratio:.2f}" if ratio is not None else "-" for ratio in ratios]
        rows.append([f"{first} / {other}", *shown])
    return table(["", *VERBS], rows)


def _rounds(rounds: int, composer: Composer) -> str:
    how = "`up --wait`" if composer.waits else "`up -d`, then looking every 0.1 s until all healthy"
    return (
        f"Medians of {rounds} interleaved rounds (least to most); ratios: medians of the rounds'."
        f" Compose {composer.version}: {how}."
    )


PARTS: dict[str, Callable[[Workplace, Size], Section]] = {
    "services": services,
    "policies": policies,
    "growth": growth,
    "dev": dev,
}
