"""Patches of pulumi_policy in the process that serves the pack: four, of six attributes that aren't public.

Each function is one patch, and says why it is needed and what would let it go. All were seen with `SEEN_WITH`, the
version in `requirements.txt`. Where another SDK lacks an attribute, its patch changes nothing.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

from google.protobuf import json_format
from pulumi_policy import deserialize, policy, proxy

from controls.pack import configuration, decoding, requests, undecided_report

SEEN_WITH: Final = "1.21.0"

SERVICER: Final = "_PolicyAnalyzerServicer"  # the SDK's gRPC server, in its module `policy`
DECODING: Final = ("json_format", "deserialize_properties", "unknown_checking_proxy")  # names in that module
READING: Final = ("Analyze", "AnalyzeStack")  # methods of the server
CONFIGURE: Final = "Configure"  # one more
PATCHED: Final = (*DECODING, *(f"{SERVICER}.{method}" for method in (*READING, CONFIGURE)))


def install() -> None:
    """Patches the SDK in this process. To be called once, before the PolicyPack is made."""
    if decode_properties_once():
        read_requests_once()
    refuse_wrong_configuration()
    report_undecided()


def decode_properties_once() -> bool:
    """Decodes equal properties once for all policies. Returns whether the SDK has the names for it.

    Why: `Analyze` and `AnalyzeStack` decode, deserialize and wrap the properties of the request anew for each policy:
    with hundreds of rules most of a pack's time. Goes when the SDK does so before its loop over the policies, as its
    `Remediate` does already.
    """
    fits = all(hasattr(policy, name) for name in DECODING)
    if fits:
        ours = (
            SimpleNamespace(**{**vars(json_format), "MessageToDict": decoding.plain}),
            decoding.meaning(deserialize.deserialize_properties),
            decoding.guarding(proxy.unknown_checking_proxy),
        )
        for name, replacement in zip(DECODING, ours, strict=True):
            setattr(policy, name, replacement)
    return fits


def read_requests_once() -> None:
    """Reads each field of a request once for all policies; needs `decode_properties_once`.

    Why: `Analyze` and `AnalyzeStack` build the options, providers and dependencies of all resources anew for each
    policy from protobuf messages, whose fields are slow to read. Goes when the SDK builds them before its loop over
    the policies.
    """
    servicer = getattr(policy, SERVICER, None)
    for name in READING:
        if answer := getattr(servicer, name, None):
            setattr(servicer, name, requests.reading_once(answer))


def refuse_wrong_configuration() -> None:
    """Answers `Configure` with an error, which the CLI shows and stops at, for a configuration that can't be meant.

    Why: the CLI and the SDK accept names of rules that the pack doesn't have, and take the level `remediate` for
    rules without a remedy as mandatory. Goes when either of them refuses both.
    """
    servicer = getattr(policy, SERVICER, None)
    if configure := getattr(servicer, CONFIGURE, None):
        setattr(servicer, CONFIGURE, configuration.refusing(configure))


def report_undecided() -> None:
    """Prints the rules that a preview left undecided on stderr, once the stack has been judged.

    Why: the CLI shows nothing of policies that answer `not applicable`, but shows what a pack prints. Goes when the
    SDK lets a policy answer that it can't decide yet, and the CLI shows it.
    """
    servicer: Any = getattr(policy, SERVICER, None)
    if not all(hasattr(servicer, name) for name in READING):
        return
    said: list[tuple[str, str]] = []  # resources are judged on several threads; adding to a list is one step
    servicer.Analyze = undecided_report.noting(servicer.Analyze, said)
    servicer.AnalyzeStack = undecided_report.listing(
        undecided_report.noting(servicer.AnalyzeStack, said), said
    )
