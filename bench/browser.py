"""A browser without a window, driven over the WebDriver protocol by Debian's chromedriver."""

import json
import pathlib
import shutil
import time
import urllib.request

from processes import BenchError, Process, free_port, wait_until_ok

SHOWN_SECONDS = 60
POLL_SECONDS = 0.05

# Runs in each page before its own scripts. A page is there when it has its heading, and nothing in it is still being loaded.
WATCH = """
(() => {
  const there = () => {
    const main = document.getElementById('main');
    return main && main.querySelector('h1') && !main.innerText.includes('Loading');
  };
  const look = (begin) => {
    if (there()) requestAnimationFrame(() => setTimeout(() => { window.shownAfter = performance.now() - begin; }));
    else requestAnimationFrame(() => look(begin));
  };
  look(0);
  window.follow = (path) => {
    const begin = performance.now();
    const link = document.createElement('a');
    window.shownAfter = null;
    link.href = path;
    document.getElementById('main').append(link);
    link.click();
    link.remove();
    setTimeout(() => look(begin));
  };
})();
"""


class Browser:
    @staticmethod
    def missing():
        """What is not installed, or None."""
        return next((tool for tool in ("chromium", "chromedriver") if not shutil.which(tool)), None)

    def __init__(self, profile: pathlib.Path, log: pathlib.Path):
        port = free_port()
        self.driver = Process([shutil.which("chromedriver"), f"--port={port}"], log)
        self.address = f"http://127.0.0.1:{port}"
        wait_until_ok(self.address + "/status", self.driver, 60)
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--lang=en", "--window-size=1280,900", f"--user-data-dir={profile}",
        ]  # fmt: skip
        options = {"binary": shutil.which("chromium"), "args": arguments}
        made = self.command("POST", "/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.session = "/session/" + made["sessionId"]
        self.command("POST", self.session + "/goog/cdp/execute", {"cmd": "Page.addScriptToEvaluateOnNewDocument", "params": {"source": WATCH}})

    def command(self, method, path, body=None):
        request = urllib.request.Request(self.address + path, method=method, headers={"Content-Type": "application/json"})
        if body is not None:
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=SHOWN_SECONDS) as answer:
            return json.loads(answer.read())["value"]

    def run(self, script):
        return self.command("POST", self.session + "/execute/sync", {"script": script, "args": []})

    def until(self, script):
        """Waits for a script to return something, and returns that."""
        deadline = time.monotonic() + SHOWN_SECONDS
        while time.monotonic() < deadline:
            value = self.run(script)
            if value is not None:
                return value
            time.sleep(POLL_SECONDS)
        raise BenchError(f"the page did not come within {SHOWN_SECONDS} s: " + self.run("return document.body.innerText")[:500])

    def open(self, url):
        self.command("POST", self.session + "/url", {"url": url})

    def log_in(self, console, token):
        self.open(console)
        self.until("return document.querySelector('input[type=password]') && true")
        self.run(f"fetch('/console/session', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json', 'Serai-Console': '1' }},"
                 f" body: JSON.stringify({{ token: {json.dumps(token)} }}) }}).then(() => {{ window.loggedIn = true }})")  # fmt: skip
        self.until("return window.loggedIn ?? null")

    def shown_milliseconds(self, url):
        """Opens a page, and returns the milliseconds from the begin of that until all of it was drawn."""
        self.open("about:blank")
        self.open(url)
        return self.until("return window.shownAfter ?? null")

    def followed_milliseconds(self, path):
        """Follows a link of the open page of the console, and returns the milliseconds until all of the next one was drawn."""
        self.run(f"window.follow({json.dumps(path)})")
        return self.until("return window.shownAfter ?? null")

    def close(self):
        self.driver.kill()
