"""The application: the one place where everything is joined."""

import os
from collections.abc import Collection
from datetime import datetime

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from bot import redact
from web import closing, errors, hosts, metrics, security, seeing
from web.abreast import is_abreast
from web.board import Board
from web.chat.api import api
from web.chat.pages import pages
from web.chat.search import search
from web.chat.wording import in_each, widget_texts
from web.desk import Desk
from web.embed import views as embed
from web.handover.api import messages
from web.handover.pages import person
from web.health import health
from web.i18n import EXTENSION as LOCALES
from web.i18n import converter_of
from web.journal import Journal, Ledger
from web.json_body import MAX_BYTES
from web.limits import open_limits
from web.openapi import Application
from web.opendata.figures import opendata  # the last of its routes
from web.opendata.pages import lists
from web.overrides import OverrideReader
from web.plan.api import planning
from web.plan.pages import plans
from web.policy.pages import about
from web.sealing import open_seal
from web.services import EXTENSION, Clock, Following, KnowledgeService, Services
from web.settings import Settings, read_settings
from web.signing import ContextSigner, secrets_of
from web.staff import shell as staff
from web.store.lookout import Lookout
from web.store.version import refuse_newer
from web.vitals import Vitals


def create_app(settings: Settings, clock: Clock = datetime.now) -> Flask:
    """Join the application; raises KnowledgeError with all problems, OSError where HEMVIST_DATA cannot be written,
    NewerSchemaError where a newer Hemvist has used the store.

    `clock` gives the time in a time zone.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = secrets_of(settings)
    refuse_newer(settings)
    lookout = Lookout(settings)
    knowledge = KnowledgeService(
        settings.knowledge,
        data=settings.data,
        near_m=settings.near_metres,
        resident=settings.resident,
        truth=lambda: _open_truth(settings),
        is_abreast=lambda: is_abreast(settings),
        overrides=OverrideReader(settings, lookout),
        look_out=lookout.look,
        end=lookout.close,
    )
    seal = open_seal(settings)
    journal = Journal(lambda: _open_ledger(settings, seal.names), redact=redacted)
    limits = open_limits(settings, secrets)
    desk = Desk(settings, seal, secrets, lambda: knowledge.assistant.knowledge.municipalities)
    services = Services(settings, knowledge, ContextSigner(secrets), journal, limits, desk, clock, Board())
    app = Application(__name__)
    app.url_map.converters["language"] = converter_of(settings.locales)
    app.extensions[LOCALES] = settings.locales
    app.debug = settings.debug
    app.config.update(MAX_CONTENT_LENGTH=MAX_BYTES, MAX_FORM_MEMORY_SIZE=MAX_BYTES, PROPAGATE_EXCEPTIONS=False)
    app.config[errors.BELIEVED] = settings.trusted_proxies > 0
    app.extensions[EXTENSION] = services
    app.extensions[metrics.EXTENSION] = Vitals(services)
    seeing.register(app, services.board, is_counting=settings.metrics_token is not None)
    app.before_request(services.knowledge.watch)
    hosts.register(app, settings.site_url)
    errors.register(app)
    closing.register(app)
    with app.app_context():  # which languages there are
        embed.register(app, settings.data, in_each(widget_texts))
    security.register(app, settings.tile_origin)
    app.register_api(api)
    app.register_api(messages)
    app.register_api(opendata)
    app.register_api(planning)
    app.register_api(health)
    app.register_blueprint(metrics.metrics)
    app.register_blueprint(pages)
    app.register_blueprint(person)
    app.register_blueprint(lists)
    app.register_blueprint(plans)
    app.register_blueprint(search)
    app.register_blueprint(about)
    staff.register(app, settings, secrets)
    _trust_proxies(app, settings.trusted_proxies)
    return app


def create_app_from_environment() -> Flask:
    """Join the application by HEMVIST_ variables, for another server than `hemvist serve`; raises SettingsError too."""
    return create_app(read_settings(os.environ))


def _open_ledger(settings: Settings, keys: Collection[str]) -> Ledger:
    from web.store.ledger import Ledger  # a quarter of a second, spent by the thread that writes

    return Ledger(settings, keys)


def _open_truth(settings: Settings) -> Following:
    from web.truth import open_truth  # needs the store's modules, like the ledger

    return open_truth(settings)


def redacted(text: str) -> str | None:
    """Return `text` without personal data, as it may be kept."""
    return redact(text).text


def _trust_proxies(app: Flask, count: int) -> None:
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]
