"""Answers with a greeting. What it says, and its key, come from outside."""

import asyncio
import logging
import os

from fastapi import FastAPI

VERSION = os.environ["VERSION"]  # from the Dockerfile
GREETING = os.environ["GREETING"]
API_KEY = os.environ["API_KEY"]

app = FastAPI()

# uvicorn logs each request. The health checks, one a second, would drown the others.
access_log = logging.getLogger("uvicorn.access")
access_log.addFilter(lambda record: "/healthz" not in record.getMessage())


@app.get("/")
async def greet() -> dict:
    return {"greeting": GREETING, "version": VERSION, "has_key": bool(API_KEY)}


@app.get("/report")
async def report() -> dict:
    await asyncio.sleep(15)  # a slow database, say
    return {"pages": 12}


@app.get("/healthz")
async def health() -> dict:
    return {"ok": True}
