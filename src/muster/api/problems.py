"""Errors as programs get them: one shape, whatever went wrong, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

PREFIX = "/api/"
MOST_DETAILS = 100

SENTENCES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        400: ("bad_request", "The request cannot be read. Send UTF-8 text without NUL."),
        401: ("not_authenticated", "No valid token came with the request."),
        403: ("not_allowed", "The member as whom your token acts may not do this. Ask an Agency Admin."),
        404: ("not_found", "There is nothing here that is yours. Look at the address."),
        405: ("method_not_allowed", "Use another method here; the header Allow names those there are."),
        409: ("conflict", "This contradicts what was asked for before."),
        411: ("length_required", "The request does not say how long it is. Send it with Content-Length."),
        413: ("too_large", "The request is too large. Send it in several, each with a key of its own."),
        415: ("unsupported_media_type", "Send the body as JSON, with Content-Type: application/json."),
        422: ("invalid", "The request is not valid."),
        500: (
            "internal",
            "Something in Muster failed; its log says what. Asking again with the same Idempotency-Key does "
            "nothing twice.",
        ),
        503: ("unavailable", "Muster cannot answer now. Ask again later."),
    }
)  # fmt: skip
"""The code and the sentence of a status, where nothing says more."""


class Detail(Schema):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemBody(Schema):
    """What went wrong, for a program and for a person."""

    code: str
    message: str
    details: list[Detail]


class Problem(Schema):
    """The shape of every error."""

    error: ProblemBody


class Refused(Exception):
    """A request that is refused: the status, and words of its own where the status alone says too little."""

    def __init__(
        self,
        status: int,
        *,
        code: str = "",
        message: str = "",
        details: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers


class ProblemResponse(JsonResponse):
    """An error in the shape of all."""

    def __init__(
        self,
        status: int,
        *,
        code: str = "",
        message: str = "",
        details: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        family = 500 if status >= 500 else 400
        usual_code, usual_message = SENTENCES.get(status, SENTENCES[family])
        error = {
            "code": code or usual_code,
            "message": message or usual_message,
            "details": [{"field": field, "message": said} for field, said in details[:MOST_DETAILS]],
        }
        super().__init__({"error": error}, status=status, headers=headers)


def answers(status: int, schema: Any, *errors: int) -> dict[Any, Any]:
    """What an endpoint answers, for the OpenAPI document: the good answer, and each error."""
    return {status: schema, tuple(sorted({401, 403, 422, *errors})): Problem}


def handle_problems(api: NinjaAPI) -> None:
    """Have the API tell what is wrong in the shape of all errors."""

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, problem: Refused) -> HttpResponse:
        return ProblemResponse(
            problem.status,
            code=problem.code,
            message=problem.message,
            details=problem.details,
            headers=problem.headers,
        )

    @api.exception_handler(PermissionDenied)
    def denied(request: HttpRequest, problem: PermissionDenied) -> HttpResponse:
        return ProblemResponse(403)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, problem: Http404) -> HttpResponse:
        return ProblemResponse(404)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, problem: ValidationError) -> HttpResponse:
        details = [(_field(one["loc"]), _said(one)) for one in problem.errors]
        first = f"{details[0][0]}: {details[0][1]}" if details else ""
        return ProblemResponse(422, message=f"The request is not valid. {first}".strip(), details=details)

    @api.exception_handler(HttpError)
    def failed(request: HttpRequest, problem: HttpError) -> HttpResponse:
        if problem.status_code == 400:
            return ProblemResponse(400, code="invalid_json", message="The body is not JSON that can be read.")
        return ProblemResponse(problem.status_code)

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, problem: Exception) -> NoReturn:
        # Django logs it, and what it answers is put into shape below.
        raise problem


def _field(place: Sequence[str | int]) -> str:
    """Where a fault is, as a program writes it: requests[0].npn."""
    source, *rest = place
    if rest and rest[0] == ARGUMENT:
        rest = rest[1:]
    if source == "header":
        return str(rest[0] if rest else source).replace("_", "-").title()
    told = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in rest)
    return told.lstrip(".") or str(source)


ARGUMENT = "asked"
"""What endpoints call the argument that takes a body or a query."""


def _said(fault: Mapping[str, Any]) -> str:
    words = str(fault["msg"]).removeprefix("Value error, ")
    return words if words.endswith((".", "?")) else f"{words}."


class JsonErrorsMiddleware:
    """Sees to it that under /api/ every error is JSON, also where no endpoint has come to see the request.

    A body that no endpoint would take is refused before anything reads it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if status := _refused_body(request):
            limit = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE).replace("\xa0", " ")
            told = f"The request is larger than {limit}. Send it in several, each with a key of its own."
            return ProblemResponse(status, message=told if status == 413 else "")
        response = self.get_response(request)
        if response.status_code < 400 or isinstance(response, ProblemResponse):
            return response
        kept = {name: response[name] for name in ("Allow", "WWW-Authenticate") if name in response}
        return ProblemResponse(response.status_code, headers=kept)


def _refused_body(request: HttpRequest) -> int:
    """The status by which a body is refused; 0 for one that may be read, or none."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
        return 413
    return 415 if length != "0" and request.content_type != "application/json" else 0
