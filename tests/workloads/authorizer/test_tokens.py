"""One form of token is accepted; of any other the error holds only the reason, and nothing of the token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import traceback
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.workloads.authorizer.lab import (
    AUDIENCE,
    CLAIMS,
    ISSUER,
    NOW,
    encoded,
    signer,
    tokens,
    written,
)
from workloads.authorizer.tokens import LEEWAY_SECONDS, MAX_TOKEN_LENGTH, Caller, RefusedError

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def caller(token: str, now: float = NOW) -> Caller:
    return tokens().verify(token, now)


def refusal(token: str, now: float = NOW) -> str:
    """Reason for which a token is refused. Nothing of the token may be in the error, however it is shown."""
    with pytest.raises(RefusedError) as refused:
        caller(token, now)
    shown = "".join(traceback.format_exception(refused.value))
    assert not [part for part in token.split(".") if len(part) > 8 and part in shown]
    return str(refused.value)


def test_good_token_tells_its_caller() -> None:
    expected = Caller("customer-1", frozenset({"orders:read", "orders:write"}), NOW + 600, None)
    assert caller(signer().token()) == expected


def test_partners_token_tells_its_usage_key() -> None:
    assert caller(signer().token(usage_key="partner-key-0123456789")).usage_key == "partner-key-0123456789"


def test_token_may_be_for_several_audiences() -> None:
    assert caller(signer().token(aud=["https://other.example.com", AUDIENCE])).subject == "customer-1"


@given(st.text(max_size=200))
def test_no_text_is_a_token_by_chance(text: str) -> None:
    refusal(text)


@given(st.tuples(*[st.text("abcdefAB01-_", max_size=60)] * 3))
def test_three_parts_alone_are_no_token(parts: tuple[str, str, str]) -> None:
    refusal(".".join(parts))


@given(st.data())
def test_truncated_token_is_refused(data: st.DataObject) -> None:
    token = signer().token()
    start = data.draw(st.integers(0, len(token) - 1))
    end = data.draw(st.integers(start, len(token)))
    assume((start, end) != (0, len(token)))
    refusal(token[start:end])


@given(st.data())
def test_no_character_of_a_token_can_be_changed(data: st.DataObject) -> None:
    token = signer().token()
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCZabcz0189-_.=+/ \n\0"))
    assume(token[at] != other)
    refusal(token[:at] + other + token[at + 1 :])


@given(ANY_JSON, ANY_JSON)
def test_signed_nonsense_is_refused(header: object, claims: object) -> None:
    refusal(signer().seal(written(header), written(claims)))


@given(ANY_JSON)
def test_claims_that_are_nonsense_are_refused(claims: object) -> None:
    refusal(signer().seal(written(signer().header), written(claims)))


@given(st.sampled_from(sorted(set(CLAIMS) - {"iat", "nbf"})), ANY_JSON)
def test_claim_that_is_anything_else_is_refused_or_means_just_that(name: str, value: object) -> None:
    """Never an error of another kind, and never a caller that the token doesn't name."""
    try:
        found = caller(signer().token(**{name: value}))
    except RefusedError:
        return
    assert name not in ("iss", "aud") or value in (ISSUER, AUDIENCE, [AUDIENCE])
    assert name != "sub" or found.subject == value
    assert name != "scope" or " ".join(sorted(found.scopes)) == " ".join(sorted(set(str(value).split())))
    assert name != "exp" or found.expires == value


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "scope", "exp"])
def test_token_without_a_claim_that_it_needs_is_refused(name: str) -> None:
    refusal(signer().token(**{name: None}))


@given(st.integers(0, 10**9))
def test_expired_token_is_refused(seconds: int) -> None:
    assert refusal(signer().token(), NOW + 600 + LEEWAY_SECONDS + seconds) == "expired"


@given(st.integers(1, 10**8))
def test_token_of_later_is_refused(seconds: int) -> None:
    assert refusal(signer().token(nbf=NOW + LEEWAY_SECONDS + seconds)) == "not valid yet"


def test_clocks_may_be_a_little_apart() -> None:
    assert caller(signer().token(), NOW + 600 + LEEWAY_SECONDS - 1)
    assert caller(signer().token(nbf=NOW + LEEWAY_SECONDS))


@pytest.mark.parametrize("exp", ["1900000000", 1.9e9, True, -1, 10**15, 10**400, [NOW + 600], {}])
def test_expiry_is_a_number_of_seconds(exp: object) -> None:
    assert refusal(signer().token(exp=exp)) == "exp is no whole number of seconds"


@given(st.text(max_size=40))
def test_token_for_another_audience_is_refused(audience: str) -> None:
    assume(audience != AUDIENCE)
    assert refusal(signer().token(aud=audience)) == "for another audience"
    assert refusal(signer().token(aud=[audience])) == "for another audience"


@pytest.mark.parametrize("audience", [f"{AUDIENCE}/", AUDIENCE.upper(), AUDIENCE[:-1], [], {}, {AUDIENCE: 1}])
def test_audience_is_compared_whole(audience: object) -> None:
    assert refusal(signer().token(aud=audience)) == "for another audience"


@pytest.mark.parametrize("issuer", [f"{ISSUER}/", ISSUER.upper(), "", [ISSUER]])
def test_token_of_another_issuer_is_refused(issuer: object) -> None:
    assert refusal(signer().token(iss=issuer)) == "another issuer"


@pytest.mark.parametrize("subject", ["", " ", "a b", "a\nb", "ä", "a" * 129, 7, ["customer-1"]])
def test_subject_can_be_put_into_a_header(subject: object) -> None:
    assert refusal(signer().token(sub=subject)) == "sub is missing or malformed"


@pytest.mark.parametrize("scope", ["", " orders:read", "a  b", ["orders:read"], "a\tb"])
def test_scopes_are_words_with_single_spaces(scope: object) -> None:
    assert refusal(signer().token(scope=scope)) == "scope is missing or malformed"


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "", "HS256", "PS256", "RS512", "rs256", "ES256", None, 1]
)
def test_no_other_algorithm_is_accepted(algorithm: object) -> None:
    assert refusal(signer().token({"alg": algorithm})) == "another algorithm"


@pytest.mark.parametrize("algorithm", ["none", "nOnE"])
def test_token_without_signature_is_refused(algorithm: str) -> None:
    unsigned = f"{written({**signer().header, 'alg': algorithm})}.{written(dict(CLAIMS))}"
    refusal(f"{unsigned}.")
    refusal(unsigned)
    assert refusal(f"{unsigned}.{encoded(b'x')}") == "another algorithm"


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
@pytest.mark.parametrize("form", ["der", "pem"])
def test_public_key_is_no_secret_to_sign_with(algorithm: str, form: str) -> None:
    secret = signer().public_der if form == "der" else signer().public_pem
    signed = f"{written({**signer().header, 'alg': algorithm})}.{written(dict(CLAIMS))}"
    refusal(f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}")


def test_token_of_another_key_is_refused() -> None:
    other = signer("mrk-other")
    assert refusal(other.token()) == "an unknown key"
    assert refusal(other.token({"kid": "mrk-1"})) == "the signature is wrong"


def test_each_token_is_verified_by_the_key_that_it_names() -> None:
    both = tokens(signer(), signer("mrk-2"))
    assert both.verify(signer("mrk-2").token(), NOW) == both.verify(signer().token(), NOW)
    with pytest.raises(RefusedError, match="the signature is wrong"):
        both.verify(signer().token({"kid": "mrk-2"}), NOW)


@pytest.mark.parametrize("key_id", [None, 1, "", ["mrk-1"], {"kid": "mrk-1"}, "MRK-1", "mrk-1 "])
def test_token_that_names_no_key_of_ours_is_refused(key_id: object) -> None:
    assert refusal(signer().token({"kid": key_id})) == "an unknown key"


def test_key_that_a_token_brings_along_is_not_used() -> None:
    other = signer("mrk-other")
    numbers = other.private.public_key().public_numbers()
    jwk = {"kty": "RSA", "n": encoded(numbers.n.to_bytes(256, "big")), "e": "AQAB"}
    brought = {
        "jwk": jwk,
        "jku": "https://evil.example.com",
        "x5c": [base64.b64encode(other.public_der).decode()],
    }
    assert refusal(other.token({**brought, "kid": "mrk-1"})) == "the signature is wrong"


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+JWT", "mfa+jwt", None, 1])
def test_token_of_another_kind_is_refused(kind: object) -> None:
    assert refusal(signer().token({"typ": kind})) == "another type of token"


def test_extension_that_must_be_understood_is_refused() -> None:
    assert refusal(signer().token({"crit": ["b64"], "b64": False})) == "an extension that must be understood"


@given(st.sampled_from(sorted(CLAIMS)), st.booleans())
def test_token_that_says_something_twice_is_refused(name: str, first: bool) -> None:
    extra = json.dumps({name: CLAIMS[name]})[1:-1]
    said = json.dumps(dict(CLAIMS))
    doubled = f"{{{extra}, {said[1:]}" if first else f"{said[:-1]}, {extra}}}"
    token = signer().seal(written(signer().header), encoded(doubled.encode()))
    assert refusal(token) == "a part is no JSON, or says something twice"


def test_header_that_says_something_twice_is_refused() -> None:
    header = json.dumps(signer().header)[:-1] + ', "alg": "none"}'
    assert "twice" in refusal(signer().seal(encoded(header.encode()), written(dict(CLAIMS))))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"[" * 2500, id="deep"),
        pytest.param(b'{"a":' * 500, id="deep object"),
        pytest.param(b"\xff\xfe{}", id="no UTF-8"),
        pytest.param(json.dumps(dict(CLAIMS)).encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"exp": NaN}', id="NaN"),
        pytest.param(b'{"exp": 1e999}', id="infinite"),
        pytest.param(b"1" * 2900, id="long number"),
        pytest.param(b"{} {}", id="two objects"),
        pytest.param(b"null", id="null"),
    ],
)
def test_part_that_is_no_json_object_is_refused(text: bytes) -> None:
    refusal(signer().seal(encoded(text), written(dict(CLAIMS))))
    refusal(signer().seal(written(signer().header), encoded(text)))


def test_huge_token_is_refused_before_anything_is_read_in_it() -> None:
    fits = signer().token(more="x" * 2000)
    assert len(fits) < MAX_TOKEN_LENGTH
    assert caller(fits)
    assert refusal(signer().token(more="x" * MAX_TOKEN_LENGTH)) == "no JWT, or a longer one than there are"


def test_token_has_one_spelling() -> None:
    """The last character of a part may have bits that stand for nothing; those of a good token are zero."""
    token = signer().token()
    padded = token + "="
    respelled = token[:-1] + chr(ord(token[-1]) + 1)
    same = [base64.urlsafe_b64decode(each.rpartition(".")[2] + "==") for each in (token, respelled)]
    assert same[0] == same[1]
    assert refusal(respelled) == "a part is written in an unusual way"
    refusal(padded)


@given(st.dictionaries(st.sampled_from(["jti", "name", "iat", "client_id"]), ANY_JSON))
def test_other_claims_are_left_alone(more: Mapping[str, object]) -> None:
    try:
        json.dumps(more, allow_nan=False)
    except ValueError:
        return
    assume(len(json.dumps(more)) < 1000)
    assert caller(signer().token(**more)).subject == "customer-1"
