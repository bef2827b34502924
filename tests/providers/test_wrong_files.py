"""Wrong files: each complaint names the key and what should stand there."""

from __future__ import annotations

import re

import pytest

from tests.providers.samples import ACME, MINIMAL, read
from tokendeck.core.errors import DescriptorError

CC = "grants.client_credentials"
AC = "grants.authorization_code"

WRONG: list[tuple[str, str, str, str]] = [
    # replaced, by what, the key complained about, what is expected
    ('id = "acme"', 'id = "Acme"', "id", "an id: a small letter"),
    ('id = "acme"\n', "", "id", "text"),
    ('name = "Acme Pay"', "name = 7", "name", "text: one line"),
    ('name = "Acme Pay"', 'name = " "', "name", "text: one line"),
    ('name = "Acme Pay"', f'name = "{"x" * 301}"', "name", "at most 300 characters"),
    ('name = "Acme Pay"', 'name = "Acme\\u202ePay"', "name", "text: one line"),
    ("name =", "nmae =", "name", "text"),
    ("color =", "colour =", "colour", "perhaps color"),
    ('"#123456"', '"navy"', "color", "six hexadecimal digits"),
    ('monogram = "Ac"', 'monogram = "Acme"', "monogram", "one or two characters"),
    ("[source]", "[sauce]", "source.page", "text"),
    ("read = 2026-11-20", 'read = "2026-11-20"', "source.read", "a date without quotes"),
    ("read = 2026-11-20", "read = 2026-11-20T10:00:00", "source.read", "a date without quotes"),
    ("https://acme.example/docs", "http://acme.example/docs", "source.url", "https"),
    ("read = 2026-11-20", "read = 2026-11-20\nwhen = 1", "source.when", "a known key"),
    ("[source]", "source = 1\n[sauce]", "source", r"a table, written as \[source\]"),
    # environments
    ('"https://api.acme.example"', '"http://api.acme.example"', "environments.production.base_urls.api", "https"),
    ('"https://api.acme.example"', '"https://a.example?x=1"', "environments.production.base_urls.api", r"without a \?"),
    ("{ api = ", "{ 1api = ", "environments.production.base_urls.1api", "letters, digits and _"),
    (
        "[environments.production]",
        '[environments.production]\nbase_url = "https://a.example"',
        "environments.production.base_url",
        "either this or base_urls",
    ),
    (', auth = "https://auth.test.acme.example"', "", "environments.test_company", "a base URL called auth"),
    ("[environments.test_company]", "[environments.Test]", "environments.Test", "an id"),
    ("production = false", "production = 0", "environments.test_company.production", "true or false"),
    # fields
    ('key = "audience"', 'key = "client_id"', "fields[2].key", "a key of its own"),
    ('key = "audience"', 'key = "api"', "fields[2].key", "api is a base URL"),
    ('key = "audience"', 'key = "refresh_token"', "fields[2].key", "does not fill in itself"),
    ('key = "audience"', 'key = "an audience"', "fields[2].key", "letters, digits and _"),
    ('label = "Audience"', "", "fields[2].label", "text"),
    ('"acme-[0-9]+"', '"acme-[0-9"', "fields[0].pattern", "a regular expression"),
    ('example = "acme-1"', 'example = "acme"', "fields[0].example", "that the pattern accepts"),
    ("is_url = true", "is_url = 1", "fields[3].is_url", "true or false"),
    ('grants = ["authorization_code"]', 'grants = "authorization_code"', "fields[3].grants", "a list of texts"),
    ('is_url = true\ngrants = ["authorization_code"]', 'grants = ["sign_in"]', "fields[3].grants", "ids of grants: "),
    ("required = false", "requird = false", "fields[2].requird", "perhaps required"),
    ('key = "audience"', 'key = "base_url"\nis_url = false', "fields[2].is_url", "base_url is one"),
    ('key = "audience"', 'key = "base_url"\nsecret = true', "fields[2].secret", "base_url is one"),
    # templates and URLs
    ('"{auth}/authorize"', '"{auth/authorize"', f"{AC}.authorize.url", "a template without a lone {"),
    ('"{auth}/token"', '"{auht}/token"', f"{AC}.url", r"not \{auht\}"),
    ('"{auth}/token"', '"{auth}token"', f"{AC}.url", r"a / after \{auth\}"),
    ('"{auth}/token"', '"{auth}{api}/token"', f"{AC}.url", r"a / after \{auth\}"),
    ('"{auth}/token"', '"http://auth.acme.example/token"', f"{AC}.url", "https"),
    ('"{auth}/token"', '"/token"', f"{AC}.url", "an absolute https URL"),
    ("tenant={client_id}", "secret={client_secret}", f"{CC}.url", r"without the secret \{client_secret\}"),
    ('"{auth}/token"', '"{auth}/token?c={code}"', f"{AC}.url", r"without the secret \{code\}"),
    ("tenant={client_id}", "a={audience}", f"{CC}.url", "required fields only"),
    ('id = "{client_id}"', 'id = "{redirect_uri}"', f"{CC}.parameters.id", r"not \{redirect_uri\}"),
    ('id = "{client_id}"', 'id = "{code}"', f"{CC}.parameters.id", r"not \{code\}"),
    ('["{client_secret}", 1', '["{nothing}", 1', f"{CC}.parameters.nested.secrets[0]", r"not \{nothing\}"),
    ('refresh_token = "{refresh_token}"', 'refresh_token = "{code}"', f"{AC}.refresh.parameters.refresh_token", ""),
    ('user = "{client_id}", p', 'user = "{audience}", p', f"{AC}.client_auth.user", "required fields only"),
    ('client_auth = { user = "{client_id}", p', "client_auth = { p", f"{AC}.client_auth.user", "text"),
    ('X-Client = "{client_id}"', 'X-Client = "{audience}"', "test_calls.ping.headers.X-Client", "required fields only"),
    (
        'X-Client = "{client_id}"',
        'Authorization = "a"',
        "test_calls.ping.headers.Authorization",
        "sets this one itself",
    ),
    ('X-Audience = "{audience}"', 'Host = "a"', f"{CC}.headers.Host", "sets this one itself"),
    ('X-Audience = "{audience}"', '"X Audience" = "a"', f"{CC}.headers.X Audience", "a header's name"),
    ('"{api}/ping"', '"{api}/ping/{redirect_uri}"', "test_calls.ping.url", r"not \{redirect_uri\}"),
    ('name = "Ping"\n', "", "test_calls.ping.name", "text"),
    ('name = "Ping"', 'name = "Ping"\nmethod = "get"', "test_calls.ping.method", "one of: GET"),
    # grants
    ('body = "json"', 'body = "xml"', f"{CC}.body", "one of: none, form, json, multipart"),
    ('body = "json"', 'body = "form"', f"{CC}.parameters.nested", "only a JSON body"),
    ('body = "json"', 'body = "none"', f"{CC}.parameters", "another body"),
    ('body = "json"', 'body = "json"\nmethod = "GET"', f"{CC}.body", "a GET has no body"),
    ('body = "json"', 'body = "json"\nmethod = "DELETE"', f"{CC}.method", "one of: POST, PUT, GET"),
    ("2.5, true", "nan, true", f"{CC}.parameters.nested.secrets[2]", "a number"),
    ("2.5, true", "2026-11-20, true", f"{CC}.parameters.nested.secrets[2]", "a number"),
    ("lifetime_s = 3600", 'lifetime_s = "1 h"', f"{CC}.lifetime_s", "a number of seconds, 1 or more"),
    ("lifetime_s = 3600", "lifetime_s = 0", f"{CC}.lifetime_s", "a number of seconds, 1 or more"),
    ("lifetime_s = 3600", "lifetime_s = true", f"{CC}.lifetime_s", "a number of seconds"),
    ("lifetime_s = 3600", "lifetime_s = nan", f"{CC}.lifetime_s", "a number of seconds"),
    (
        "never_expires = true",
        "never_expires = true\nlifetime_s = 5",
        f"{AC}.never_expires",
        "either this or lifetime_s",
    ),
    ("lifetime_s = 3600", 'authorize = { url = "{auth}/a" }', f"{CC}.authorize", "kind client_credentials has none"),
    ('url = "{auth}/authorize"\n', "", f"{AC}.authorize.url", "text"),
    ('{client_id}", audience', '{client_secret}", audience', f"{AC}.authorize.parameters.client_id", "secrets travel"),
    ('client_id = "{client_id}", audience', 'state = "x", audience', f"{AC}.authorize.parameters.state", "itself"),
    ("lifetime_s = 3600", 'kind = "device_code"\nlifetime_s = 3600', f"{CC}.parameters", r"\{device_code\} among them"),
    ('issuer = "https://auth.example"\n', "", f"{AC}.authorize.names_issuer", "an issuer beside it"),
    ('url = "{auth}/revoke"\n', "", f"{AC}.revoke.url", "text"),
    ('{ token = "{token}", ', "{ ", f"{AC}.revoke.parameters", r"\{token\} among them"),
    ("lifetime_s = 3600", 'kind = "password"', f"{CC}.kind", "one of: client_credentials, authorization_code"),
    ("[grants.client_credentials]", "[grants.cc]", "grants.cc.kind", "one of: client_credentials"),
    ('policy = "manual"', 'policy = "never"', f"{CC}.renewal.policy", "one of: ahead, on_use, manual"),
    ("lead_s = 30", "lead_s = -1", f"{CC}.renewal.lead_s", "0 or more"),
    ("every_s = 600", "every_s = 1", f"{CC}.renewal.every_s", "60 or more"),
    ('access_token = "data.token"', 'token = "data"', f"{CC}.answer.token", "a known key"),
    ("lifetime_s = 3600", "refresh = {}", f"{CC}.refresh.parameters", r"\{refresh_token\} among them"),
    ('code = "{code}"\n', "", f"{AC}.parameters", r"\{code\} among them"),
    # the rest
    ("requests = 50", "requests = 0", "rate.requests", "a whole number from 1"),
    ("requests = 50", "requests = 1.5", "rate.requests", "a whole number from 1"),
    ("per_s = 60\n", "", "rate.per_s", "a number of seconds"),
    ("[rate]", "[rates]", "rates", "perhaps rate"),
    ('grants = ["client_credentials"]', 'grants = ["main"]', "hazards.allow_list.grants", "ids of grants: "),
    ("[hazards.allow_list]", '[hazards."Allow list"]', "hazards.Allow list", "an id"),
    ("status = 403", "status = 42", "meanings[0].status", "a whole number from 100 to 599"),
    ("status = 403", "status = true", "meanings[0].status", "a whole number"),
    ("[[meanings]]", "[meanings]", "meanings", r"an array of tables, each written as \[\[meanings\]\]"),
    ("client_credentials.answer.access_token", "nothing.here", "assumptions[0].key", "something that this file says"),
    ("client_credentials.answer.access_token", "client_credentials..a", "assumptions[0].key", "the dotted key"),
    ('why = "The page shows no answer."', "", "assumptions[0].why", "text"),
]


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"), WRONG, ids=[f"{key}: {new}".splitlines()[0] for _, new, key, _ in WRONG]
)
def test_a_wrong_file_is_told_key_and_expectation(old: str, new: str, key: str, expected: str) -> None:
    assert old in ACME, "the sample has moved on"

    with pytest.raises(DescriptorError) as caught:
        read(ACME.replace(old, new, 1))

    assert (caught.value.file, caught.value.key) == ("acme.toml", key)
    assert re.search(expected, caught.value.expected), caught.value.expected


def test_a_device_grant_is_told_to_say_where_its_codes_come_from() -> None:
    device = MINIMAL.replace("grants.client_credentials.url", "grants.device_code.url")

    with pytest.raises(DescriptorError) as caught:
        read(device + '\n[grants.device_code.parameters]\ncode = "{device_code}"\n')

    assert caught.value.key == "grants.device_code.device"


@pytest.mark.parametrize(
    ("key", "example"), [("environments", "environments.production"), ("grants", "grants.client_cred")]
)
def test_a_file_without_its_main_parts_is_told_what_they_look_like(key: str, example: str) -> None:
    text = "\n".join(line for line in MINIMAL.splitlines() if not line.startswith(f"{key}."))

    with pytest.raises(DescriptorError) as caught:
        read(text.replace("{base_url}", "https://mini.example"))

    assert caught.value.key == key
    assert f"at least one, such as [{example}" in caught.value.expected
