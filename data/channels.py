"""Channels: mail by SMTP and a webhook by HTTP, as the settings say; each either delivers or says why not."""

import json
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPException
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from data.configured import section
from metrics.problems import InputError, Problem, reason_of

Security = Literal["starttls", "tls", "none"]
_PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Seconds that a server may keep us waiting for each of its answers.
PATIENCE, LONGEST = 10.0, 60.0
_KEYS = ("smtp_host", "smtp_port", "smtp_security", "smtp_user", "smtp_password", "from", "webhook", "webhook_token",
         "timeout", "language")  # fmt: skip


class Undelivered(Exception):
    """Why a message was not delivered, in a few words that hold no password."""


@dataclass(frozen=True)
class Mail:
    """A mail server."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = ""
    timeout: float = PATIENCE

    def send(self, to: str, subject: str, text: str) -> None:
        """One message to one address. Raises Undelivered."""
        message = self._message(to, subject, text)
        try:
            with self._opened() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"SMTP {error.smtp_code}") from error
        except smtplib.SMTPRecipientsRefused as error:
            raise Undelivered(f"SMTP {next(iter(error.recipients.values()))[0]}") from error
        except (smtplib.SMTPException, ValueError) as error:
            raise Undelivered("不是邮件地址 · no mail address") from error
        except OSError as error:
            raise Undelivered(reason_of(error)) from error

    def _message(self, to: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        try:
            message["From"], message["To"], message["Subject"] = self.sender, to, " ".join(subject.split())
            message.set_content(text)
        # An address that is none breaks the parser of the standard library in many ways, and it names none of them.
        except Exception as error:
            raise Undelivered(type(error).__name__) from error
        return message

    def _opened(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)


class _NoWayOn(HTTPRedirectHandler):
    """A server that sends us elsewhere has not taken the message, and may not learn the token for another one."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Webhook:
    """An address that takes JSON."""

    address: str
    token: str = ""
    timeout: float = PATIENCE

    @property
    def shown(self) -> str:
        """The address without what may be a secret: its path and query."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")

    def send(self, content: Mapping[str, Any]) -> None:
        """One POST. Raises Undelivered for any answer but 2xx."""
        body = json.dumps(content, ensure_ascii=False).encode()
        heads = {"Content-Type": "application/json; charset=utf-8"}
        heads |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            # What is told goes to the address that is set, and through no proxy that the environment happens to name.
            with build_opener(ProxyHandler({}), _NoWayOn).open(
                Request(self.address, data=body, headers=heads, method="POST"), timeout=self.timeout
            ):
                return
        except HTTPError as error:
            with error:
                raise Undelivered(f"HTTP {error.code}") from error
        except (OSError, HTTPException, ValueError) as error:
            cause = getattr(error, "reason", error)
            raise Undelivered(reason_of(cause) if isinstance(cause, OSError) else type(error).__name__) from error


@dataclass(frozen=True)
class Channels:
    """What is set; None where a channel is not. `language`: of what is sent."""

    mail: Mail | None = None
    webhook: Webhook | None = None
    language: str = "zh"


def channels() -> Channels:
    """The channels of the section `[alerts]`. Raises InputError (`alerts_unset`) for what cannot be used."""
    told = section("alerts")
    for key in told:
        if key not in _KEYS:
            raise _unset(key, f"known: {', '.join(_KEYS)}")
    timeout = _number(told, "timeout", PATIENCE, LONGEST)
    language = str(told.get("language", "zh"))
    if language not in ("zh", "en"):
        raise _unset("language", "zh, en")
    return Channels(_mail(told, timeout), _webhook(told, timeout), language)


def _mail(told: Mapping[str, Any], timeout: float) -> Mail | None:
    if "smtp_host" not in told:
        return None
    host, security = str(told["smtp_host"]), str(told.get("smtp_security", "starttls"))
    if security not in _PORTS:
        raise _unset("smtp_security", ", ".join(_PORTS))
    if not told.get("from"):
        raise _unset("from", "—")
    if told.get("smtp_password") and security == "none" and host not in LOOPBACK:
        raise _unset("smtp_security", "none + smtp_password")
    port = int(_number(told, "smtp_port", _PORTS[security], 65535))
    user, password = (str(told.get(key, "")) for key in ("smtp_user", "smtp_password"))
    return Mail(host, port, security, str(told["from"]), user, password, timeout)  # type: ignore[arg-type]


def _webhook(told: Mapping[str, Any], timeout: float) -> Webhook | None:
    if "webhook" not in told:
        return None
    address, token = str(told["webhook"]), str(told.get("webhook_token", ""))
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise _unset("webhook", "http://…, https://…")
    if token and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise _unset("webhook", "http + webhook_token")
    return Webhook(address, token, timeout)


def _number(told: Mapping[str, Any], key: str, usual: float, most: float) -> float:
    try:
        found = float(told.get(key, usual))
    except (TypeError, ValueError):
        found = 0.0
    if not 0.0 < found <= most:
        raise _unset(key, f"1–{most:g}")
    return found


def _unset(key: str, reason: str) -> InputError:
    return InputError([Problem("alerts_unset", facts={"key": key, "reason": reason})])
