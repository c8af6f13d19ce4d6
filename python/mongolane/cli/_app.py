"""The commands and their options; what they do is in the modules beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._rows import Format

__all__ = ["app"]

app = typer.Typer(
    name="mongolane",
    help="Import files, run the embedded engine, look at a server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Uri = Annotated[
    str,
    typer.Option(
        envvar="MONGODB_URI",
        help="The server: mongodb://..., mongodb+srv://..., embedded:///folder.",
    ),
]


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="The file; .gz is unpacked; - is stdin.")
    ],
    uri: Uri,
    db: Annotated[str, typer.Option(help="The database.")],
    collection: Annotated[
        str | None, typer.Option(help="The collection; without it, the file's name.")
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option(
            "--format", help="The file's format; without it, by name and content."
        ),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option(help="Count, list and pass over bad rows.")
    ] = False,
    drop: Annotated[bool, typer.Option(help="Empty the collection first.")] = False,
    batch_size: Annotated[int, typer.Option(min=1, max=100_000)] = 1000,
    id_field: Annotated[
        list[str] | None,
        typer.Option(help="The field to use as _id; several make a compound one."),
    ] = None,
    infer: Annotated[
        bool, typer.Option(help="CSV: numbers, true, false and dates as such.")
    ] = False,
    delimiter: Annotated[
        str | None, typer.Option(help="CSV: the text between two cells.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say only what went wrong.")
    ] = False,
) -> None:
    """Import a JSON array, NDJSON, CSV, GeoJSON or mongodump .bson file."""
    from ._import_command import Job, run_import

    job = Job(
        file=file,
        uri=uri,
        database=db,
        collection=collection or file.name.partition(".")[0],
        format=format_.value if format_ else None,
        skip_bad=skip_bad,
        drop=drop,
        batch_size=batch_size,
        id_fields=tuple(id_field or ()),
        infer=infer,
        delimiter=delimiter,
        quiet=quiet,
    )
    raise typer.Exit(run_import(job))


@app.command()
def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where the data is kept; without it, in memory."),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="0 takes a free one.")
    ] = 27017,
    unix: Annotated[
        Path | None, typer.Option(help="A Unix socket instead of host and port.")
    ] = None,
) -> None:
    """Run the embedded engine for any driver, until Ctrl-C or SIGTERM."""
    from ._serve_command import run_serve

    raise typer.Exit(run_serve(folder, host, port, unix))


@app.command()
def ping(
    uri: Annotated[
        str,
        typer.Argument(
            envvar="MONGODB_URI",
            help="The server: mongodb://..., mongodb+srv://..., embedded:///folder.",
        ),
    ],
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait.")] = 5.0,
) -> None:
    """Show what answers at a URI: server, topology, lane and round trip time."""
    from ._ping_command import run_ping

    raise typer.Exit(run_ping(uri, timeout))


indexes = typer.Typer(help="Compare and create the indexes that documents declare.")
app.add_typer(indexes, name="indexes", no_args_is_help=True)

Target = Annotated[
    str,
    typer.Argument(help="package.module, or package.module:Class,Class."),
]
Database = Annotated[str, typer.Option(help="The database.")]


@indexes.command("plan")
def plan_indexes(
    target: Target,
    uri: Uri,
    db: Database,
    check: Annotated[
        bool, typer.Option(help="Exit with 1 when anything differs.")
    ] = False,
) -> None:
    """Show how the server's indexes differ from what the documents declare."""
    from ._indexes_command import run_plan

    raise typer.Exit(run_plan(target, uri, db, check))


@indexes.command("sync")
def sync_indexes(
    target: Target,
    uri: Uri,
    db: Database,
    drop: Annotated[
        bool,
        typer.Option(help="Also drop what nobody declares, and rebuild."),
    ] = False,
) -> None:
    """Create and change indexes until they are as declared; drop only with --drop."""
    from ._indexes_command import run_sync

    raise typer.Exit(run_sync(target, uri, db, drop))
