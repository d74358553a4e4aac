"""Editing behind the login: practices by form, retiring and restoring, and import of files of practices.

Everything goes through `practices.record.editing` and `practices.exchange`, which keep who, when and why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select

from practices.database.transactions import reading
from practices.errors import BadRecord, StaleEdit
from practices.exchange import files
from practices.exchange.reading import BadImport
from practices.models import Practice, PracticeRevision
from practices.record import editing
from practices.record.draft import checked
from practices.record.problems import BadDraft
from practices.web import practice_form
from practices.web.accounts import Editor, form_checked
from practices.web.downloads import attached
from practices.web.errors import NotFound
from practices.web.page_helpers import Id, Service, WebService, page
from practices.web.practice_form import Shown, field_of, of_form, of_record, record_of

router = APIRouter(prefix="/edit", include_in_schema=False)
Checked = Depends(form_checked)
Why = Annotated[str, Form(max_length=2000)]
#: Changes shown to those who edit.
RECENT = 20
#: Problems of a file that are shown at most.
MOST_SHOWN = 100


@router.get("", response_class=HTMLResponse)
def start(request: Request, service: Service, _person: Editor, done: str = "") -> HTMLResponse:
    """Where editing starts: all practices, those retired among them, and what was changed last."""
    last = select(
        PracticeRevision.practice_id, PracticeRevision.revision, PracticeRevision.who, PracticeRevision.at,
        PracticeRevision.why, PracticeRevision.retired,
    ).order_by(PracticeRevision.at.desc(), PracticeRevision.revision.desc()).limit(RECENT)  # fmt: skip
    listed = select(Practice.id, Practice.title, Practice.country, Practice.revision, Practice.retired)
    with reading(service.engine) as connection:
        found = connection.execute(listed.order_by(Practice.country, Practice.title)).all()
        changes = connection.execute(last).all()
    notice = f"Saved: {done}." if re.fullmatch(r"[a-z0-9-]{1,100}", done) else ""
    return page(request, "edit.html", found=found, changes=changes, notice=notice)


@router.get("/practices/{practice}", response_class=HTMLResponse)
def form(request: Request, service: Service, _person: Editor, practice: Id) -> HTMLResponse:
    """The form of a practice; `new` is an empty one."""
    if practice == "new":
        return _form(request, "new", of_record(None), base=None)
    with reading(service.engine) as connection:
        row = connection.execute(
            select(Practice.record, Practice.revision, Practice.retired).where(Practice.id == practice)
        ).first()
    if row is None:
        raise NotFound(f"There is no practice {practice!r}; see the list.")
    return _form(request, practice, of_record(row.record), base=row.revision, retired=row.retired)


def _form(
    request: Request,
    practice: str,
    shown: Shown,
    *,
    base: int | None,
    problems: Sequence[tuple[str, str]] = (),
    status: int = 200,
    **others: Any,
) -> HTMLResponse:
    context = {"retired": False, "why": "", "new_id": "", **others}
    return page(
        request, "practice_form.html", id=practice, shown=shown, base=base, sections=practice_form.SECTIONS,
        rows=practice_form.ROWS, headings=practice_form.HEADINGS, problems=problems, status=status,
        wrong={name for name, _ in problems if name}, **context,
    )  # fmt: skip


async def sent_form(request: Request) -> Mapping[str, Sequence[str]]:
    """The fields of a sent form, each with all its values; files are left out."""
    found: dict[str, list[str]] = {}
    for name, value in (await request.form(max_fields=5000, max_files=1)).multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


Sent = Annotated[Mapping[str, Sequence[str]], Depends(sent_form)]


@router.post("/practices/{practice}", dependencies=[Checked])
def save(request: Request, service: Service, person: Editor, practice: Id, sent: Sent) -> Response:
    """Write a practice as a new revision; errors are shown at the fields, and the typed text is kept."""
    shown = of_form(sent)
    new = practice == "new"
    name = _text(sent, "id").strip() if new else practice
    base = _text(sent, "base")
    why = _text(sent, "why").strip()
    number = int(base) if not new and re.fullmatch(r"\d{1,6}", base) else None
    problems: list[tuple[str, str]] = []
    if not why:
        problems.append(("why", "Why: write in a few words what changed and why."))
    elif len(why) > editing.LONGEST_WHY or not why.replace("\n", " ").replace("\r", " ").isprintable():
        problems.append(("why", f"Why: at most {editing.LONGEST_WHY} characters, without control characters."))
    status = 422
    try:
        draft = checked(record_of(shown, name), whose=name or "the practice")
        if not problems:
            editing.save(service.engine, draft, who=person, base=number, why=why)
            return RedirectResponse(f"/edit?done={draft.id}", status_code=303)
    except BadDraft as error:
        problems += [(field_of(each), each.text) for each in error.problems]
    except StaleEdit as error:
        problems, status = [*problems, ("", str(error))], 409
    except BadRecord as error:
        problems.append(("", str(error)))
    return _form(
        request, practice, shown, base=number, problems=problems, why=why, new_id=name if new else "", status=status
    )


def _text(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(sent.get(name, ())), "")


@router.post("/practices/{practice}/retire", dependencies=[Checked])
def retire(service: Service, person: Editor, practice: Id, why: Why = "") -> Response:
    """Take a practice out of what is shown."""
    editing.retire(service.engine, practice, who=person, why=_printable(why))
    return RedirectResponse(f"/edit?done={practice}", status_code=303)


@router.post("/practices/{practice}/restore", dependencies=[Checked])
def restore(
    service: Service, person: Editor, practice: Id, revision: Annotated[int, Form(ge=1, le=1_000_000)], why: Why = ""
) -> Response:
    """Bring back a practice as it was in a revision."""
    said = _printable(why) or f"as in revision {revision}"
    editing.restore(service.engine, practice, who=person, why=said, revision=revision)
    return RedirectResponse(f"/practices/{practice}/history", status_code=303)


def _printable(text: str) -> str:
    """Text without control characters, which a database may refuse."""
    return "".join(each if each.isprintable() else " " for each in text).strip()


@router.get("/import", response_class=HTMLResponse)
def import_form(request: Request, _person: Editor) -> HTMLResponse:
    """The form for a file of practices."""
    return page(request, "import.html", problems=(), heading="", imported=None)


@router.post("/import", response_class=HTMLResponse, dependencies=[Checked])
def import_file(
    request: Request, service: Service, person: Editor, file: Annotated[UploadFile, File()], why: Why = ""
) -> HTMLResponse:
    """Import a file, all of it or nothing; errors are listed by row and column."""
    content = file.file.read(service.settings.upload_bytes + 1)
    if len(content) > service.settings.upload_bytes:
        return _refused(
            request, f"The file is larger than {service.settings.upload_bytes:,} bytes; divide it.", (), 413
        )
    ending = Path(file.filename or "").suffix.lower()
    name = f"upload{ending if re.fullmatch(r'[.][a-z]{1,8}', ending) else ''}"
    return _taken(request, service, person, (name, content), _printable(why))


def _taken(request: Request, service: WebService, person: str, upload: tuple[str, bytes], why: str) -> HTMLResponse:
    name, content = upload
    with TemporaryDirectory() as folder:
        # The name that a browser gives never becomes part of a path: only its ending counts.
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            imported = files.import_file(service.engine, path, who=person, why=why or "imported from a file")
        except BadImport as error:
            lines = [each.text for each in error.problems] or str(error).splitlines()
            return _refused(request, "The file was not imported; nothing was written.", lines[:MOST_SHOWN], 422)
    return page(request, "import.html", problems=(), heading="", imported=imported)


def _refused(request: Request, heading: str, problems: Sequence[str], status: int) -> HTMLResponse:
    return page(request, "import.html", problems=problems, heading=heading, imported=None, status=status)


@router.get("/template/{ending}")
def template(_person: Editor, ending: Id) -> Response:
    """A file to fill: csv, xlsx or geojson."""
    if f".{ending}" not in files.KINDS:
        raise NotFound(f"There is no template of kind {ending!r}; use csv, xlsx or geojson.")
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"practices.{ending}"
        files.write_template(path)
        return attached(path.read_bytes(), "application/octet-stream", path.name)
