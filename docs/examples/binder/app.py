#!/usr/bin/python3
"""A web front end that walks its users through Reeve's consents itself, in the place of reeve-bind.

An example to build upon, whole but small: see README.md for what such an application must take care of. It keeps no
state: cookies hold opaque secrets, the daemon holds the rest and decides what may follow what.

    APP_URL=http://127.0.0.1:8421 ./app.py          # and BIND_SOCKET, /run/reeve/bind.sock by default
"""
from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
from typing import Optional
from urllib.parse import urlsplit

from flask import Flask, Response, abort, make_response, redirect, render_template, request
from reeve import LimitReached, ReeveError
from reeve.binding import Away, Binding, FlowRefused, NotSignedIn, TicketInvalid, flow_id, new_browser

URL = os.environ.get('APP_URL', 'http://127.0.0.1:8421')
HOST = urlsplit(URL).netloc
BROWSER = '__Host-app-browser'  # "__Host-": only this host, only the whole of it, never from a sibling
FLOW = '__Host-app-flow-'
TOKEN = re.compile(r'[A-Za-z0-9_-]{43}')

app = Flask(__name__)
app.config['MAX_CONTENT_LENGTH'] = 8192
binding = Binding(os.environ.get('BIND_SOCKET', '/run/reeve/bind.sock'))


def cookie(name: str) -> str:
    """A cookie of ours: sent once and of the shape that we gave it, or else it is somebody else's."""
    sent = [part.strip().partition('=')[2] for part in request.headers.get('Cookie', '').split(';')
            if part.strip().startswith(f'{name}=')]
    return sent[0] if len(sent) == 1 and TOKEN.fullmatch(sent[0]) else ''


def form_token(browser: str, path: str) -> str:
    """What a form of ours carries: worth nothing in another browser, or for another form."""
    return hmac.new(browser.encode(), path.encode(), hashlib.sha256).hexdigest()


def set_cookie(response: Response, name: str, value: str, seconds: Optional[int] = None) -> None:
    # Lax: sent when the provider's redirect comes back, not with another site's POST or picture.
    response.set_cookie(name, value, max_age=seconds, path='/', secure=True, httponly=True, samesite='Lax')


@app.before_request
def check() -> None:
    """The browser's half of the checks, before anybody thinks about what is asked."""
    if request.headers.get('Host') != HOST:  # DNS rebinding, other names of this address
        abort(421)
    if any(len(values) > 1 for values in list(request.args.listvalues()) + list(request.form.listvalues())):
        abort(400)  # RFC 6749 section 3.1: no parameter twice
    if request.method != 'POST':
        if request.headers.get('Sec-Fetch-Dest', 'document') != 'document':
            abort(403)  # opened, not embedded and not fetched
        return
    origin, site = request.headers.get('Origin'), request.headers.get('Sec-Fetch-Site')
    if (origin is None and site is None) or origin not in (None, URL) or site not in (None, 'same-origin'):
        abort(403)
    browser = cookie(BROWSER)
    if not browser or not hmac.compare_digest(form_token(browser, request.path), request.form.get('csrf', '')):
        abort(403)


@app.after_request
def headers(response: Response) -> Response:
    """On every answer: no frames, no script, nothing from elsewhere, no copy, no referrer to another site."""
    response.headers['Content-Security-Policy'] = (
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
    response.headers['X-Frame-Options'] = 'DENY'
    response.headers['X-Content-Type-Options'] = 'nosniff'
    response.headers['Cache-Control'] = 'no-store'
    # Not no-referrer: under that a browser says "Origin: null" on our own forms.
    response.headers['Referrer-Policy'] = 'same-origin'
    if URL.startswith('https:'):
        response.headers['Strict-Transport-Security'] = 'max-age=31536000'
    return response


def page(kind: str, browser: str = '', status: int = 200, **values: object) -> Response:
    """templates/page.html; values are escaped there. A browser without a cookie gets one with its first page."""
    fresh = browser or new_browser()
    response = make_response(render_template('page.html', kind=kind, token=lambda path: form_token(fresh, path), **values),
                             status)
    if status == 200 and fresh != cookie(BROWSER):
        set_cookie(response, BROWSER, fresh)
    return response


def leave(away: Away) -> Response:
    """To the issuer or provider, with this flow's cookie. From a page and not by a redirect: form-action 'self' would
    hold for each redirect that follows a form's POST."""
    response = page('leave', cookie(BROWSER), url=away.authorize_url)
    response.headers['Refresh'] = f'0;url={away.authorize_url}'
    set_cookie(response, FLOW + away.flow_id, away.flow, seconds=600)
    return response


@app.get('/connect/<ticket>')
def question(ticket: str) -> Response:
    """Says what is asked. Changes nothing: previews of the link are harmless."""
    browser = cookie(BROWSER) or new_browser()
    asked = binding.describe(browser, ticket)
    if asked.status == 'under_way':
        return redirect(f'/done/{asked.handle}', 303)
    kind = asked.outcome or 'failed' if asked.status == 'finished' else asked.status
    return page(kind, browser, asked=asked, user=asked.user, next=request.path)


@app.post('/connect/<ticket>')
def answer(ticket: str) -> Response:
    browser = cookie(BROWSER)
    if request.form.get('action') != 'continue':
        return onwards(binding.decline(browser, ticket), 'declined')
    try:
        return leave(binding.start(browser, ticket, request.form.get('digest', '')))
    except FlowRefused as refused:
        if refused.reason != 'changed':
            raise
    return redirect(request.path, 303)  # the question is another one now: show it again


@app.post('/signin')
def sign_in() -> Response:
    return leave(binding.sign_in(cookie(BROWSER), request.form.get('next', ''), request.form.get('issuer') or None,
                                 other_user=request.form.get('other_user') == 'yes'))


@app.get('/callback/<context>')
def came_back(context: str) -> Response:
    """The one GET that changes something: it brings a state and the cookie that belongs to it. Answered by 303 at once,
    so that neither code nor state stays in the address."""
    state = request.args.get('state', '')
    flow = cookie(FLOW + flow_id(state))
    told = binding.came_back(cookie(BROWSER), URL + request.path, state, flow or None, request.args.get('code'),
                             request.args.get('iss'), request.args.get('error'), request.args.get('error_description'))
    if told.outcome == 'signed_in':
        response = redirect(told.next or '/', 303)
        if told.new_browser:
            set_cookie(response, BROWSER, told.new_browser)  # renewed at sign-in: no session fixation
    else:
        response = redirect(f'/done/{told.handle}' if told.handle else '/', 303)
    response.delete_cookie(FLOW + flow_id(state), path='/', secure=True, httponly=True, samesite='Lax')
    return response


@app.get('/done/<handle>')
def done(handle: str) -> Response:
    browser = cookie(BROWSER)
    outcome = binding.outcome(browser, handle)
    if outcome.outcome != 'confirm':
        return onwards(outcome.next, outcome.outcome, outcome=outcome)
    return page('confirm', browser, outcome=outcome, user=outcome.user, next=request.path)


@app.post('/done/<handle>')
def confirm(handle: str) -> Response:
    after = binding.confirm(cookie(BROWSER), handle, request.form.get('accept') == 'yes')
    return onwards(after, '') if after else redirect(request.path, 303)


def onwards(url: Optional[str], kind: str, **values: object) -> Response:
    """To the return URL, which the daemon has compared with the operator's list; else a last page."""
    if not url:
        return page(kind, cookie(BROWSER), **values)
    response = page('leave', cookie(BROWSER), url=url)
    response.headers['Refresh'] = f'0;url={url}'
    return response


@app.get('/connections')
def connections() -> Response:
    browser = cookie(BROWSER)
    try:
        told = binding.connections(browser)
    except NotSignedIn:
        return page('sign_in', browser, asked=None, next='/connections')
    return page('connections', browser, told=told, user=told.user)


@app.post('/connections')
def disconnect() -> Response:
    binding.disconnect(cookie(BROWSER), request.form.get('grant', ''))
    return redirect('/connections', 303)


@app.post('/signout')
def sign_out() -> Response:
    binding.sign_out(cookie(BROWSER))
    response = page('signed_out', cookie(BROWSER))
    response.delete_cookie(BROWSER, path='/', secure=True, httponly=True, samesite='Lax')
    return response


@app.get('/')
def home() -> Response:
    return page('home', cookie(BROWSER))


@app.errorhandler(NotSignedIn)
def not_signed_in(_: NotSignedIn) -> Response:
    back = request.path if request.path.startswith(('/connect/', '/done/')) else '/connections'
    return page('sign_in', cookie(BROWSER), asked=None, next=back)


@app.errorhandler(ReeveError)
def failed(error: ReeveError) -> Response:
    """Short, and nothing of what was sent. 404 too for what is used up: which it was is nobody's business."""
    if isinstance(error, LimitReached):
        response = page('crowded', cookie(BROWSER), 429)
        response.headers['Retry-After'] = str(error.retry_after or 30)
        return response
    status = {TicketInvalid: 404, FlowRefused: 403}.get(type(error), 503)
    if status == 503:
        app.logger.error('%s', error)
    return page('failed', cookie(BROWSER), status)


if __name__ == '__main__':
    # For the example only: a real one runs under a WSGI server. Whose access log must be told too that query strings are
    # not for it: the callback's holds code and state.
    logging.getLogger('werkzeug').setLevel(logging.ERROR)
    app.run(host=urlsplit(URL).hostname, port=urlsplit(URL).port)
