"""The command `hemvist`: joins the commands of web/commands, and ends each of them the way a shell expects."""

import difflib
import getpass
import keyword
import os
import pkgutil
import sys
from importlib import import_module
from typing import IO, Any, Final, NoReturn

import click

from bot import KnowledgeError, UnknownEntryError, UnknownMunicipalityError
from web import commands
from web.settings import SettingsError
from web.store.errors import StoreError

FAILED: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130


class Commands(click.Group):
    """Finds the commands: each module of web/commands offers one of its own name as `command`.

    Only the one asked for is imported, so that `hemvist schema` does not wait for the server's parts.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(module.name.rstrip("_").replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command `name`; None where there is none."""
        if name not in self.list_commands(ctx):
            return None
        module = f"{name}_" if keyword.iskeyword(name) else name.replace("-", "_")  # import_: no module may be import
        command: click.Command = import_module(f"{commands.__name__}.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` begin with, or say which was probably meant."""
        name = args[0]
        if not name.startswith("-") and name not in self.list_commands(ctx):
            near = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            ctx.fail(f"No such command {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the operator can put right ends in lines on stderr, not in a traceback."""
        try:
            return super().invoke(ctx)
        except (SettingsError, KnowledgeError) as error:
            raise Unusable([str(problem) for problem in error.problems]) from error
        except (UnknownMunicipalityError, UnknownEntryError) as error:
            raise Unusable([str(error)]) from error
        except StoreError as error:
            raise click.ClickException(str(error)) from error


class Unusable(click.ClickException):
    """What was given cannot be worked with: one line for each reason, exit code 2."""

    exit_code = UNUSABLE

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the reasons to stderr."""
        click.echo(self.message, file=file, err=file is None)


def warn_as_root(command: str, consequence: str) -> None:
    """Warn whoever runs a command as root, and say what comes of it."""
    if os.geteuid() == 0:
        click.echo(f"Warning: hemvist {command} runs as root; {consequence}.", err=True)


def operator(command: str) -> str:
    """Return how the audit names whoever runs a command; in a container that may be a number alone."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"user {os.geteuid()}"
    return f"hemvist {command} ({name})"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Hemvist answers those who think of moving to a Swedish municipality.

    Settings are environment variables that begin with HEMVIST_; see the README.
    """


def main() -> NoReturn:
    """Run the command that the arguments name, and exit with its code."""
    try:
        code = cli.main(prog_name="hemvist", standalone_mode=False) or 0
        _flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except OSError as error:
        code = _ended_by(error)
    sys.exit(code)


def _flush() -> None:
    if sys.stdout:  # None where the shell closed it
        sys.stdout.flush()


def _ended_by(error: OSError) -> int:
    """Say what the system refused; nothing where our reader has left, as `| head` does."""
    if not isinstance(error, BrokenPipeError):
        click.echo(f"hemvist: {error.filename or 'output'}: {error.strerror}", err=True)
    _drop_output()
    return FAILED


def _drop_output() -> None:
    """Let Python's own last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
