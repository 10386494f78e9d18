"""`sorte train` from end to end: pairs, training, measuring, keeping, and putting in force."""

from __future__ import annotations

import contextlib
import errno
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Protocol

from sorte_cli.agent.planning import COMPACT_LIMIT_PARAMETERS
from sorte_cli.agent.run import model_specs
from sorte_cli.errors import EnvironmentFailure, InterruptedRun, NotLandedError, SorteError
from sorte_cli.history import Journal, Repository
from sorte_cli.inference import ModelSpec
from sorte_cli.inference.adapters import AdapterStore, Card, with_adapter
from sorte_cli.inference.gguf import GgufHeader, read_header
from sorte_cli.inference.weights import write_adapter
from sorte_cli.learning.collecting import Collected, collect
from sorte_cli.learning.examples import Pair, general_pairs
from sorte_cli.learning.loop import Learning, learn
from sorte_cli.learning.measuring import measure
from sorte_cli.learning.network import check_trainable
from sorte_cli.learning.pairs import split
from sorte_cli.learning.training import Recipe, Trained
from sorte_cli.settings import load_settings

LEAST_PAIRS = 20
LEAST_CORRECTED = 1
SHARES = (1.0, 0.6)
"""An adapter that does better here and worse elsewhere is tried once more, at less weight."""


class Progress(Protocol):
    """Who is told how far it is: "collect", "train", "measure"."""

    def __call__(self, phase: str, done: int, total: int, loss: float = 0.0) -> None: ...


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What to train. `base`: folder of the Hugging Face weights; `flags`: settings of the command
    line; `use`: put the adapter in force if it is better."""

    directory: Path
    flags: Mapping[str, str | int | None] = field(default_factory=dict)
    base: Path | None = None
    recipe: Recipe = field(default_factory=Recipe)
    undone_as_none: bool = False
    least_pairs: int = LEAST_PAIRS
    use: bool = True


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What came of it. `losses`: at the first and at the last steps."""

    card: Card
    in_force: bool
    collected: Collected
    removed: tuple[str, ...]
    losses: tuple[float, float]
    general_lost: tuple[str, ...] = ()
    """Tasks of general pairs that were right before and are not now."""


@dataclass(frozen=True, slots=True)
class Known:
    """The adapters of a repository as they are now. `note`: one was switched off just now."""

    active: Card | None
    all: tuple[Card, ...]
    model: str
    off_because: str
    note: str


def open_store(directory: Path) -> AdapterStore:
    """The adapters of the repository around `directory`."""
    return AdapterStore(Repository.discover(directory, writing=False).identity)


def known(directory: Path, flags: Mapping[str, str | int | None]) -> Known:
    """What there is. A stale adapter is switched off here, too."""
    repository = Repository.discover(directory, writing=False)
    store = AdapterStore(repository.identity)
    spec = _spec(repository, flags)
    _spec_now, note = with_adapter(spec, store)
    name = spec.url or read_header(spec.path).name
    return Known(store.active, tuple(store.all()), name, store.off_because, note)


def activate(directory: Path, flags: Mapping[str, str | int | None], name: str) -> Card:
    """Put an adapter in force that fits the model as it is now. Raises as the store does."""
    repository = Repository.discover(directory, writing=False)
    spec = _spec(repository, flags)
    header = None if spec.url else read_header(spec.path)
    return AdapterStore(repository.identity).activate(name, header)


def gather(directory: Path, *, undone_as_none: bool, progress: Progress) -> Collected:
    """The pairs that training would use. Changes nothing."""
    repository = Repository.discover(directory, writing=False)
    with Journal.open() as journal:
        return collect(
            repository,
            journal,
            undone_as_none=undone_as_none,
            on_run=lambda done, total: progress("collect", done, total),
        )


def train_project(request: TrainRequest, progress: Progress) -> TrainReport:
    """Train an adapter on what the runs of this repository teach, measure it, keep it.

    Raises NotLandedError where there are too few pairs, EnvironmentFailure where the machine lacks
    something, InterruptedRun on Ctrl-C; then nothing is left behind but a line in the journal.
    """
    repository = Repository.discover(request.directory, writing=False)
    spec = _spec(repository, request.flags)
    if spec.url:
        raise EnvironmentFailure(
            f"{spec.url} runs elsewhere: there are no weights here to train an adapter for",
            hint="Name a model on this machine: sorte train --brain nano",
        )
    header = read_header(spec.path)
    _check_base(request, header)
    with Journal.open() as journal:
        run = journal.start_run(
            repository, f"train an adapter for {header.name}", kind="train", command="train"
        )
        try:
            with _terminate_as_interrupt():
                report = _train(request, repository, journal, header, spec, progress)
        except KeyboardInterrupt:
            journal.set_status(run.id, "interrupted")
            raise InterruptedRun("interrupted: no adapter was made") from None
        except SorteError as error:
            journal.record(run.id, "error", {"message": error.message, "hint": error.hint})
            journal.set_status(run.id, "not landed")
            raise
        journal.record(run.id, "adapter", _as_event(report))
        journal.set_status(run.id, "trained")
        return report


def note_in_journal(directory: Path, action: str, card: Card | None) -> None:
    """Write down that an adapter was put in force, rolled back or switched off."""
    repository = Repository.discover(directory, writing=False)
    name = card.name if card is not None else ""
    with Journal.open() as journal:
        run = journal.start_run(
            repository, f"{action} {name}".strip(), kind="train", command="train"
        )
        journal.record(run.id, "adapter", {"action": action, "name": name})
        journal.set_status(run.id, "trained")


def _spec(repository: Repository, flags: Mapping[str, str | int | None]) -> ModelSpec:
    settings, _notes = load_settings(repository.root, flags)
    return model_specs(settings)[0]


def _check_base(request: TrainRequest, header: GgufHeader) -> None:
    """Before anything is read: can this model be trained at all?"""
    if request.base is None:
        check_trainable(header)
    else:
        from sorte_cli.learning.foreign import check_base

        check_base(request.base, header)


def _train(
    request: TrainRequest,
    repository: Repository,
    journal: Journal,
    header: GgufHeader,
    spec: ModelSpec,
    progress: Progress,
) -> TrainReport:
    began = time.monotonic()
    collected = collect(
        repository,
        journal,
        undone_as_none=request.undone_as_none,
        on_run=lambda done, total: progress("collect", done, total),
    )
    _check_enough(collected, request.least_pairs)
    own, held_out = split(collected.pairs)
    rehearse, general = general_pairs()
    profile = profile_for_header(header)
    learning = Learning(
        spec.path, own, tuple(rehearse),
        request.recipe, profile, request.base,
    )  # fmt: skip
    store = AdapterStore(repository.identity)
    store.sweep()
    name = store.fresh_name(header.name)
    with _new_file(store.file(name)) as file:
        trained = learn(
            learning, file, name=name,
            on_step=lambda step, steps, loss: progress("train", step, steps, loss),
        )  # fmt: skip
        exam = _Exam(spec.path, held_out, tuple(general), profile, progress)
        for share in SHARES:
            _weaken(file, trained, learning.recipe.alpha * share, header, name)
            card, lost = exam.taken(file)
            if card.better or card.held_out_after <= card.held_out_before:
                break
        card = replace(
            card,
            name=name,
            base_name=header.name,
            base_path=str(spec.path.absolute()),
            base_fingerprint=header.fingerprint,
            created=time.time(),
            pairs=len(own),
            corrected=sum(p.kind == "corrected" for p in own),
            steps=trained.steps,
            seconds=round(time.monotonic() - began, 1),
            trainer="peft" if request.base is not None else "numpy",
            runs=tuple(p.run for p in collected.pairs),
        )
        removed = store.keep(card)
    in_force = request.use and card.better
    if in_force:
        store.activate(name)
    return TrainReport(card, in_force, collected, tuple(removed), _losses(trained), lost)


def profile_for_header(header: GgufHeader) -> str:
    """The prompt profile of a model, by its size."""
    return "compact" if header.parameters <= COMPACT_LIMIT_PARAMETERS else "full"


def _check_enough(collected: Collected, least: int) -> None:
    missing = least - len(collected.pairs)
    if missing > 0:
        raise NotLandedError(
            f"the runs here teach {len(collected.pairs)} pairs, and training needs {least}: "
            f"{missing} are missing",
            hint="Work on with `sorte do`; ask again in other words where it was wrong, edit the "
            "plan, and rate runs with `sorte rate good`.",
        )
    if collected.count("corrected") + collected.count("undone") < LEAST_CORRECTED:
        raise NotLandedError(
            "nothing was ever corrected here: there is nothing to learn that the model does not do",
            hint="Where a run is wrong, take it back with `sorte undo` and ask in other words.",
        )


def _weaken(file: Path, trained: Trained, alpha: float, header: GgufHeader, name: str) -> None:
    """Write the adapter again with another weight."""
    write_adapter(file, trained.pairs, alpha=alpha, architecture=header.architecture, name=name)


class _Exam:
    """The questions an adapter is asked; the model alone is asked them once."""

    def __init__(
        self,
        model: Path,
        held_out: tuple[Pair, ...],
        general: tuple[Pair, ...],
        profile: str,
        progress: Progress,
    ) -> None:
        self._model, self._profile, self._progress = model, profile, progress
        self._held_out, self._general = held_out, general
        self._alone: tuple[tuple[bool, ...], tuple[bool, ...]] | None = None

    def taken(self, adapter: Path) -> tuple[Card, tuple[str, ...]]:
        """A card with the figures alone, and the tasks that were right before and are not now."""
        if self._alone is None:
            self._alone = self._asked(None)
        own, general = self._asked(adapter)
        own_before, general_before = self._alone
        lost = tuple(
            p.task
            for p, was, now in zip(self._general, general_before, general, strict=True)
            if was and not now
        )
        card = Card(
            "", "", "", "",
            held_out=len(own), held_out_before=_share(own_before), held_out_after=_share(own),
            general=len(general),
            general_before=_share(general_before), general_after=_share(general),
        )  # fmt: skip
        return card, lost

    def _asked(self, adapter: Path | None) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
        pairs = (*self._held_out, *self._general)
        found = measure(
            self._model, pairs, adapter=adapter, profile=self._profile,
            on_pair=lambda done, total: self._progress("measure", done, total),
        )  # fmt: skip
        count = len(self._held_out)
        return found.right[:count], found.right[count:]


def _share(right: tuple[bool, ...]) -> float:
    return sum(right) / len(right) if right else 0.0


def _losses(trained: Trained) -> tuple[float, float]:
    """Mean loss of the first and of the last steps."""
    size = max(1, len(trained.losses) // 10)
    first, last = trained.losses[:size], trained.losses[-size:]
    if not first:
        return 0.0, 0.0
    return sum(first) / len(first), sum(last) / len(last)


def _as_event(report: TrainReport) -> dict[str, object]:
    card = report.card
    return {
        "action": "trained",
        "name": card.name,
        "in_force": report.in_force,
        "pairs": card.pairs,
        "held_out": [card.held_out, card.held_out_before, card.held_out_after],
        "general": [card.general, card.general_before, card.general_after],
    }


@contextlib.contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """The file, removed again where what makes it does not come to its end."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise EnvironmentFailure(
            f"cannot make {file.parent}: {error.strerror}",
            hint="Make room on the disk, or set SORTE_STATE_DIR to a folder that has some.",
        ) from error
    done = False
    try:
        yield file
        done = True
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise EnvironmentFailure("the disk is full: no adapter was kept") from error
    finally:
        if not done:
            file.unlink(missing_ok=True)


@contextlib.contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """SIGTERM ends training like Ctrl-C, so that nothing is left behind."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
