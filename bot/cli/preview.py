"""`pavois preview`: what will appear on each network, and what is known of it, without queueing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.common import json_option, language_name, opened, plain, show_json
from bot.cli.posts import attached_in_words, price_in_words
from bot.words import _

if TYPE_CHECKING:
    from decimal import Decimal

    from bot.app import App
    from bot.model import Rendering
    from bot.preview.values import Preview, Sheet


@click.command(
    "preview",
    help=_(
        "Show what announcements will look like on each network and in each language: exact text, "
        "length, links, price, what is cut or mended, and what to look at. Nothing is queued."
    ),
)
@click.argument(
    "files", metavar=_("FILE…"), nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="preview.html",
    help=_("Write it as a page too, with the posts as people see them: to send for approval."),
)
@json_option
@click.pass_context
def command(
    context: click.Context, files: tuple[Path, ...], html: Path | None, as_json: bool
) -> None:
    from bot.announcements import read_announcement

    app = opened(context, quiet=as_json)
    previews = [app.preview(read_announcement(path, app.campaign)) for path in files]
    if html:
        _write_page(app, previews, html)
    if as_json:
        show_json([as_data(preview) for preview in previews])
    else:
        for preview in previews:
            _show(preview)
    if html and not as_json:
        click.echo(_("Written: {path}").format(path=html))


def _write_page(app: App, previews: list[Preview], path: Path) -> None:
    from bot.preview.page import page
    from bot.reporter import write_whole

    write_whole(path, page(previews, app.campaign, app.composer.thumbnails(previews)))


def _show(preview: Preview) -> None:
    slug = preview.announcement.slug
    for sheet in preview.sheets:
        length = f" · {_length(sheet, sheet.rendering)}" if sheet.rendering else ""
        heading = f"{slug} · {sheet.title} · {language_name(sheet.language)}{length}"
        click.secho(f"── {heading}", bold=True)
        texts = (sheet.rendering.text, *sheet.rendering.rest) if sheet.rendering else ()
        for part, text in enumerate(texts, 1):
            if len(texts) > 1:
                click.secho(f"{part}/{len(texts)}", dim=True)
            click.echo(text)
        for problem in sheet.errors:
            click.secho(f"  ✗ {problem}", fg="red")
        if sheet.rendering:
            _show_facts(sheet, sheet.rendering)
        click.echo()
    for file in preview.announcement.media:
        if file.consent:
            said = _("{file} · consent: {consent}")
            click.echo(said.format(file=file.name, consent=file.consent))
    if preview.missing:
        names = ", ".join(language_name(code) for code in preview.missing)
        said = _("{name}: not written yet in {languages}.").format(name=slug, languages=names)
        click.secho(said, fg="yellow")


def _length(sheet: Sheet, made: Rendering) -> str:
    return _("{length}/{limit}, {left} left").format(
        length=made.length, limit=made.limit, left=sheet.left
    )


def _show_facts(sheet: Sheet, made: Rendering) -> None:
    """What is known of the text."""
    if made.shown != made.length:
        click.echo("  · " + _("{shown} as people see it").format(shown=made.shown))
    for words in attached_in_words(made.attached):
        click.echo(f"  ▢ {words}")
    for link in sheet.links:
        accidental = link in sheet.accidental
        said = _("becomes a link, and nobody meant it") if accidental else _("becomes a link")
        click.secho(f"  → {link.address} · {said}", fg="yellow" if accidental else None)
    if sheet.price:
        said = price_in_words(sheet.price)
        if sheet.price.without_link is not None:
            said += f' · without_link = ["{sheet.network}"]'
        click.echo(f"  {said}")
    for change in made.mends:
        click.secho(f"  ~ {change}", fg="cyan")
    for advice in sheet.advice:
        click.secho(f"  ! {advice}", fg="yellow")
    aloud = sheet.aloud.replace("\n", " ")
    click.echo("  » " + _("A screen reader says: {aloud}").format(aloud=aloud))


def as_data(preview: Preview) -> dict[str, Any]:
    """A preview for programs."""
    return {
        "announcement": preview.announcement.slug,
        "missing": list(preview.missing),
        "texts": [_sheet_as_data(sheet) for sheet in preview.sheets],
    }


def _sheet_as_data(sheet: Sheet) -> dict[str, Any]:
    made = sheet.rendering
    head = {
        "network": sheet.network,
        "language": sheet.language,
        "accounts": [account.slug for account in sheet.accounts],
        "errors": [str(one) for one in sheet.errors],
    }
    if made is None:
        return head
    return head | {
        "text": made.text,
        "rest": list(made.rest),
        "length": made.length,
        "shown": made.shown,
        "limit": made.limit,
        "left": sheet.left,
        "links": [link.address for link in sheet.links],
        "accidental": [link.address for link in sheet.accidental],
        "mends": [str(one) for one in made.mends],
        "cuts": [str(one) for one in made.cuts],
        "findings": [
            {
                "code": one.code,
                "level": one.level.value,
                "message": str(one.message),
                "start": one.start,
                "end": one.end,
            }
            for one in sheet.findings
        ],
        "advice": [str(one) for one in sheet.advice],
        "price": _amount(sheet.price.dollars if sheet.price else None),
        "price_without_link": _amount(sheet.price.without_link if sheet.price else None),
        "media": [
            {"file": one.name, "type": one.mime, "bytes": one.size, "alt": one.alt}
            for one in made.attached.media
        ],
        "poll": plain(made.attached.poll),
        "card": plain(made.attached.card),
        "aloud": sheet.aloud,
    }


def _amount(dollars: Decimal | None) -> str | None:
    """As a text: JSON's numbers would make 0.2 of 0.200."""
    return None if dollars is None else str(dollars)
