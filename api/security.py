"""Who may write: whoever has the token of SWATH_API_WRITE_TOKEN."""

import secrets
from typing import Annotated

from fastapi import Depends
from fastapi.exceptions import HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from infrastructure.settings import ApiSettings

bearer = HTTPBearer(
    auto_error=False, scheme_name="writer", description="The token of SWATH_API_WRITE_TOKEN."
)

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


async def writer(credentials: Credentials) -> None:
    """Let only writers pass; a dependency of the routes that change something (RFC 6750).

    Raises:
        HTTPException: 403 if nobody may write here, 401 if the token is missing or wrong.
    """
    expected = ApiSettings().write_token
    if expected is None:
        raise HTTPException(403, "registration is off: set SWATH_API_WRITE_TOKEN")
    if credentials is None:
        raise HTTPException(
            401, "this needs the write token as bearer token", {"WWW-Authenticate": "Bearer"}
        )
    given = credentials.credentials.encode()
    if not secrets.compare_digest(given, expected.get_secret_value().encode()):
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise HTTPException(401, "the bearer token is not the write token", challenge)
