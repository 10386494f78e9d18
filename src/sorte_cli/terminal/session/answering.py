"""An answer from question to print: looked up in the index, phrased by a model that can."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sorte_cli.terminal import output
from sorte_cli.terminal.messages import print_note
from sorte_cli.terminal.observer import loading_text
from sorte_cli.terminal.session import answers, markdown
from sorte_cli.terminal.spinner import Spinner
from sorte_cli.terminal.style import safe
from sorte_cli.terminal.translate import _, current_language

if TYPE_CHECKING:
    from sorte_cli.agent.answering import Findings
    from sorte_cli.agent.conversation import Context
    from sorte_cli.settings import Settings

SOURCES_SHOWN = 8
_LANGUAGE_NAMES = {"pt_BR": "Brazilian Portuguese"}


class _LoadShown:
    """Shows how far the loading of a model is, on the live line."""

    def __init__(self, live: Spinner) -> None:
        self._live = live

    def event(self, name: str, **data: Any) -> None:
        label = loading_text(
            data.get("model", ""), data.get("size_bytes", 0), data.get("device", "")
        )
        self._live.show(f"{label}  {data['fraction']:.0%}")


class Asker:
    """Answers questions about the project at `root`; with `quiet` nothing is printed."""

    def __init__(
        self,
        root: Path,
        live: Spinner,
        *,
        flags: Mapping[str, str | int | None] | None = None,
        quiet: bool = False,
    ) -> None:
        self._root = root
        self._live = live
        self._flags = flags
        self._quiet = quiet

    def answer(self, question: str, context: Context | None = None) -> dict[str, Any]:
        """The answer as plain values: `text`, `sources`, and what a person should know of it."""
        from sorte_cli.agent.answering import look_up
        from sorte_cli.agent.conversation import Context
        from sorte_cli.context.index import ProjectIndex
        from sorte_cli.settings import load_settings

        self._live.show(_("reading the project"))
        with ProjectIndex.open(self._root) as index:
            index.update()
            found = look_up(question, index, self._root)
        settings, _notes = load_settings(self._root, self._flags)
        if self._can_explain(settings):
            return self._phrased(question, found, context or Context(), settings)
        self._live.stop()
        text = answers.tell(found)
        self._say(markdown.render(text))
        model = settings.brain_name
        honest = _("from the index alone: {model} is too small to explain").format(model=model)
        return {"text": text, "sources": list(found.sources), "remark": honest}

    def _say(self, text: str) -> None:
        if not self._quiet:
            output.say(text)

    @staticmethod
    def _can_explain(settings: Settings) -> bool:
        """Whether the brain is a model that can put things into words."""
        from sorte_cli.agent.planning import COMPACT_LIMIT_PARAMETERS
        from sorte_cli.agent.run import model_specs
        from sorte_cli.inference.gguf import read_header

        if settings.profile != "auto":
            return settings.profile == "full"
        spec, _executor = model_specs(settings)
        return read_header(spec.path).parameters > COMPACT_LIMIT_PARAMETERS

    def _phrased(
        self, question: str, found: Findings, context: Context, settings: Settings
    ) -> dict[str, Any]:
        from sorte_cli.agent.answering import phrase
        from sorte_cli.agent.loading import Loading
        from sorte_cli.agent.planning import project_instructions
        from sorte_cli.agent.run import model_specs
        from sorte_cli.inference.manager import ModelManager
        from sorte_cli.memory import notes
        from sorte_cli.settings import routes

        stream = markdown.Stream()

        def on_text(piece: str) -> None:
            if done := stream.feed(piece):
                self._say(markdown.render(done) + "\n")
            self._live.detail(safe(" ".join(stream.tail.split())))

        remembered = notes.as_prompt(notes.notes(self._root))
        project = "\n\n".join(t for t in (project_instructions(self._root), remembered) if t)
        brain, executor = model_specs(settings)
        with ModelManager(
            brain,
            executor,
            keep_alive_s=settings.keep_alive,
            routes=routes(settings.roles),
            on_progress=Loading(_LoadShown(self._live), (brain, executor)),
        ) as models:
            engine = models.engine("chat")
            self._live.show(_("answering"))
            answer = phrase(
                question,
                found,
                context,
                engine,
                language=_LANGUAGE_NAMES.get(current_language(), "English"),
                on_text=on_text,
                on_prompt=lambda done, total: self._live.show(
                    _("reading the prompt") + f" {done / max(total, 1):.0%}"
                ),
                project=project,
            )
        self._live.stop()
        if rest := stream.finish():
            self._say(markdown.render(rest))
        if answer.finish == "loop":
            print_note(_("the model went round in circles and was stopped; try a larger one"))
        elif answer.finish == "length":
            print_note(_("the answer was longer than allowed and ends here"))
        if found.sources:
            shown = ", ".join(found.sources[:SOURCES_SHOWN])
            self._say(_("sources: {places}").format(places=safe(shown)))
        for place in answer.unknown:
            print_note(_("{place} is not among the sources; do not trust it").format(place=place))
        return {
            "text": answer.text,
            "sources": list(found.sources),
            "unknown_sources": list(answer.unknown),
            "used": answer.used,
            "window": answer.window,
            "dropped": list(answer.dropped),
            "tokens_per_s": round(answer.tokens_per_s, 1),
        }
