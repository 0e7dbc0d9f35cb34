"""Chromium, headless, driven by chromedriver through the WebDriver protocol."""

import http.client
import json
import shutil
import subprocess
import tempfile

PATIENCE = 120  # seconds; nothing here takes so long on its own
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def missing():
    """What is needed and not installed."""
    return [name for name, there in (("chromium", CHROMIUM), ("chromedriver", shutil.which("chromedriver"))) if not there]


class Browser:
    """A browser with a profile of its own, by the WebDriver protocol."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="pipebench-browser-")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.session = ""
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self):
        # It says which port it took.
        ports = (line.rpartition("successfully on port ")[2] for line in self.driver.stdout if "successfully on port" in line)
        self.connection = http.client.HTTPConnection("127.0.0.1", int(next(ports).rstrip(".\n")), timeout=PATIENCE)
        flags = ["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        flags += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={self.profile.name}"]
        flags.append("--no-sandbox")  # which root and many containers cannot have; it opens pages of this test alone
        options = {"args": flags, "binary": CHROMIUM}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self.session = "/session/" + self.post("/session", capabilities={"alwaysMatch": wanted})["sessionId"]
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=self.profile.name)
        self.post("/url", url="about:blank")  # leaves Chromium's own first page, which complains without a network

    def post(self, path, **body):
        return self.request("POST", self.session + path, json.dumps(body))

    def request(self, method, path, body=None):
        self.connection.request(method, path, body, {"Content-Type": "application/json"})
        value = json.loads(self.connection.getresponse().read())["value"]
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(value["message"])
        return value

    def command(self, name, **parameters):
        """A command of the DevTools protocol."""
        return self.post("/goog/cdp/execute", cmd=name, params=parameters)

    def script(self, text, *arguments):
        return self.post("/execute/sync", script=text, args=arguments)

    def open(self, page):
        self.requests()  # forgets those of before
        self.complaints()
        self.post("/url", url=page.as_uri())

    def requests(self):
        messages = [json.loads(entry["message"])["message"] for entry in self.post("/se/log", type="performance")]
        return [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """Of the page since it was opened, or since the last call."""
        return [entry["message"] for entry in self.post("/se/log", type="browser")]

    def close(self):
        try:
            if self.session:
                self.request("DELETE", self.session)
                self.connection.close()
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()
            self.profile.cleanup()
