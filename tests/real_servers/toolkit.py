"""
django-oauth-toolkit as an authorization server, with an API behind it.

    python -m tests.real_servers.toolkit

PKCE is required, refresh tokens rotate, and one that comes back ends its whole family. Beside what the library serves
there are `/whoami`, an API that wants a token, and `/control/…`, by which a test makes time and people act.
"""

from __future__ import annotations

import tempfile
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings

from tests.real_servers.clients import CONFIDENTIAL, DEVICE, MACHINE, PASSWORD, PERSON, PUBLIC, Registered
from tests.real_servers.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

LOGIN_PAGE = '<form method="post">{% csrf_token %}{{ form }}<button>Log in</button></form>'
INSTALLED = (
    *("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages"),
    "oauth2_provider",
)
MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
PROCESSORS = ("request", "debug")
OAUTH2_PROVIDER = {
    "SCOPES": {"read": "Read", "write": "Write"},
    "PKCE_REQUIRED": True,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    "DEVICE_FLOW_INTERVAL": 1,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
MEETING_S = 20.0


def configure(base_url: str, folder: Path) -> None:
    """Set up Django on a new database in `folder`."""
    settings.configure(
        SECRET_KEY="not a secret",
        ALLOWED_HOSTS=["127.0.0.1"],
        USE_TZ=True,
        INSTALLED_APPS=INSTALLED,
        MIDDLEWARE=MIDDLEWARE,
        LOGGING_CONFIG=None,
        LOGIN_URL="/login/",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # the slow ones cost 0.2 s a request
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db"}},
        MIGRATION_MODULES=dict.fromkeys([one.rpartition(".")[2] for one in INSTALLED]),  # tables as they are now
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "context_processors": [f"django.template.context_processors.{one}" for one in PROCESSORS],
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_PAGE}),
                        "django.template.loaders.app_directories.Loader",
                    ],
                },
            }
        ],
        OAUTH2_PROVIDER=OAUTH2_PROVIDER
        | {
            "OAUTH_DEVICE_VERIFICATION_URI": f"{base_url}/o/device/",
            "OAUTH_DEVICE_VERIFICATION_URI_COMPLETE": f"{base_url}/o/device/?user_code={{user_code}}",
        },
    )
    django.setup()


def furnish() -> None:
    """Make the tables, the person and the clients."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    get_user_model().objects.create_user(PERSON, password=PASSWORD)
    for client, kind in (
        (CONFIDENTIAL, "authorization-code"),
        (PUBLIC, "authorization-code"),
        (MACHINE, "client-credentials"),
        (DEVICE, "urn:ietf:params:oauth:grant-type:device_code"),
    ):
        register(client, kind)


def register(client: Registered, kind: str) -> None:
    from oauth2_provider.models import Application

    Application.objects.create(
        name=client.id,
        client_id=client.id,
        client_secret=client.secret,
        client_type="confidential" if client.secret else "public",
        authorization_grant_type=kind,
        redirect_uris=" ".join(client.redirect_uris),
    )


def routes() -> tuple[object, ...]:
    """Give the URLs of the library, of the API and of what a test does behind the library's back."""
    from django.contrib.auth.views import LoginView
    from django.db import transaction
    from django.http import HttpResponse
    from django.urls import include, path
    from django.utils import timezone
    from django.views.decorators.csrf import csrf_exempt
    from oauth2_provider.decorators import protected_resource
    from oauth2_provider.models import AccessToken, Grant, RefreshToken
    from oauth2_provider.oauth2_validators import OAuth2Validator
    from oauth2_provider.settings import oauth2_settings

    meeting: list[threading.Barrier] = []

    class Meeting(OAuth2Validator):
        """Lets two refreshes read before either writes, where a test wants it."""

        def _save_bearer_token(self, *given: object, **named: object) -> None:
            if meeting:
                RefreshToken.objects.exists()  # from here on the transaction sees the database as it is now
                meeting[0].wait(MEETING_S)
            super()._save_bearer_token(*given, **named)

    oauth2_settings.OAUTH2_VALIDATOR_CLASS = Meeting

    def control(act: Callable[[], object]) -> object:
        def view(_: object) -> HttpResponse:
            act()
            return HttpResponse(status=204)

        return csrf_exempt(view)

    def let_codes_expire() -> None:
        Grant.objects.update(expires=timezone.now() - timedelta(seconds=1))

    def take_consent_back() -> None:
        with transaction.atomic():
            for one in RefreshToken.objects.filter(revoked=None):
                one.revoke()
            AccessToken.objects.all().delete()

    def let_access_tokens_die() -> None:
        AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))

    return (
        path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
        path("login/", LoginView.as_view()),
        path(
            "whoami",
            protected_resource(advertise_metadata=True)(lambda request: HttpResponse(request.user.get_username())),
        ),
        path("control/let_codes_expire", control(let_codes_expire)),
        path("control/take_consent_back", control(take_consent_back)),
        path("control/let_access_tokens_die", control(let_access_tokens_die)),
        path("control/let_two_meet", control(lambda: meeting.append(threading.Barrier(2)))),
        path("control/let_nobody_meet", control(meeting.clear)),
    )


def build(base_url: str, folder: Path) -> WSGIApplication:
    from django.core.wsgi import get_wsgi_application

    configure(base_url, folder)
    furnish()
    settings.ROOT_URLCONF = routes()
    application: WSGIApplication = get_wsgi_application()
    return application


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        serve(partial(build, folder=Path(name)))
