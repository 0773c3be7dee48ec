"""Running a program to its end, as ourselves or as an unprivileged account."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence


def run(
    arguments: Sequence[str],
    account: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program in the root folder and keep what it says; its exit status is not checked.

    Args:
        arguments: absolute path of the program, and its arguments, without a shell between.
        account: system account to run it as, with no supplementary groups; None: ourselves.
        environment: its whole environment; None: ours.
    """
    user, group = owner(account) if account else (None, None)
    return subprocess.run(  # noqa: S603 - every caller gives a fixed program
        arguments,
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=group,
        extra_groups=[] if account else None,
    )


def owner(account: str | None) -> tuple[int, int]:
    """Numbers of the account and of its group; ours for None.

    Raises:
        KeyError: there is no such account.
    """
    if account is None:
        return os.geteuid(), os.getegid()
    entry = pwd.getpwnam(account)
    return entry.pw_uid, entry.pw_gid
