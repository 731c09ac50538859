"""Drives the installed kernel as a notebook does, through jupyter-client, and prints what happened as one JSON line.

usage: drive-kernel.py FOLDER PARTICLES   (FOLDER: where the kernel runs; JUPYTER_PATH names the kernelspec's prefix)
"""
import atexit, json, os, queue, sys, time
from jupyter_client.manager import KernelManager

folder, particles = sys.argv[1:3]
km = KernelManager(kernel_name="iolaus")
begun = time.monotonic()
km.start_kernel(cwd=folder)
atexit.register(lambda: km.is_alive() and km.shutdown_kernel(now=True))
kc = km.client()
kc.start_channels()
kc.wait_for_ready(timeout=120)
seen = {"startSeconds": time.monotonic() - begun}


def outputs(msg, until="idle", each=None, seconds=120):
    """Messages about the request `msg` until its cell is idle, or until each(message) says so."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            got = kc.get_iopub_msg(timeout=1)
        except queue.Empty:
            continue
        if got["parent_header"].get("msg_id") != msg:
            continue
        found.append(got)
        if each is not None and each(got):
            return found
        if got["msg_type"] == "status" and got["content"]["execution_state"] == until:
            return found
    raise SystemExit(f"no answer within {seconds} s: {[m['content'] for m in found]}")


def answer(msg):
    """The reply to the request `msg`."""
    while True:
        got = kc.get_shell_msg(timeout=10)
        if got["parent_header"].get("msg_id") == msg:
            return got["content"]


def execute(code, **kw):
    """Run a cell to its end: (its messages, its reply, seconds)."""
    begun = time.monotonic()
    msg = kc.execute(code, **kw)
    found = outputs(msg)
    return found, answer(msg), time.monotonic() - begun


def text(found):
    return "".join(m["content"]["text"] for m in found if m["msg_type"] == "stream")


def panel(message):
    html = message["content"].get("data", {}).get("text/html", "") if "display" in message["msg_type"] else ""
    return "data-iolaus-run" in html


def moving(message):
    return panel(message) and "images/s" in message["content"]["data"]["text/plain"]


def manifest():
    with open(os.path.join(folder, "run", "run.json")) as f:
        return json.load(f)


def steps():
    """Steps in the run's log."""
    with open(os.path.join(folder, "run", "progress.jsonl")) as f:
        return len(f.readlines())


def under_way(resumed):
    """Wait until the run has been resumed so often and has gone on since; its process."""
    end = time.monotonic() + 60
    while manifest()["timings"]["resumed"] != resumed or steps() < manifest()["step"] + 2:
        if time.monotonic() > end:
            raise SystemExit(f"the run does not go on: {manifest()}")
        time.sleep(0.05)
    return manifest()["process"]["id"]


def gone(pid, seconds=5):
    """Seconds until the process is gone."""
    begun = time.monotonic()
    while time.monotonic() < begun + seconds:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return time.monotonic() - begun
        time.sleep(0.01)
    return None


def reconstruct(more=""):
    options = f'out: "run", classes: 2, passes: 5000, batch: 30, box: 24, threads: 1{more}'
    return f"iolaus.reconstruct({json.dumps(particles)}, {{ {options} }})"


found, reply, seen["firstCellSeconds"] = execute("const answer = 6 * 7; answer")
seen["first"] = [text(found), reply["execution_count"], [m["msg_type"] for m in found]]

found, reply, _ = execute("for (let i = 0; i < 5000; i++) console.log('line', i);")
seen["flood"] = text(found) == "".join(f"line {i}\n" for i in range(5000))

code = "iolaus.reconstr"
seen["completion"] = answer(kc.complete(code, len(code)))["matches"]
code = "iolaus.reconstruct("
seen["inspection"] = answer(kc.inspect(code, len(code) - 3))["data"].get("text/plain", "")
code = "const o: iolaus.ReconstructionOptions = { out: 'x', cla"
seen["optionCompletion"] = answer(kc.complete(code, len(code)))["matches"]

found, reply, _ = execute("iolaus.readVolume('none.mrc')")
seen["error"] = [reply["ename"], reply["evalue"], [m["content"]["traceback"] for m in found if m["msg_type"] == "error"]]
time.sleep(0.1)
execute("throw new Error('once')", stop_on_error=False)
found, reply, _ = execute("console.log('goes on')", stop_on_error=False)
seen["afterError"] = [reply["status"], text(found)]

# Stop, while a cell waits for its run.
msg = kc.execute("const run = await " + reconstruct())
before = outputs(msg, each=moving)
if not any(map(moving, before)):
    raise SystemExit(f"the run does not move: {[m['content'] for m in before]}")
seen["panelUpdates"] = sum(panel(m) for m in before)
pid = manifest()["process"]["id"]
begun = time.monotonic()
km.interrupt_kernel()
outputs(msg)
reply = answer(msg)
seen["stop"] = {"seconds": time.monotonic() - begun, "gone": gone(pid, 2), "status": manifest()["status"],
                "step": manifest()["step"], "error": reply.get("evalue"),
                "checkpoint": os.path.exists(os.path.join(folder, "run", "checkpoint", "latest.safetensors"))}

# Stop, while a cell waits for something else.
time.sleep(0.1)  # what is sent at once after an error is aborted
msg = kc.execute("console.log('waits'); await new Promise(() => {})")
outputs(msg, each=lambda m: m["msg_type"] == "stream")
begun = time.monotonic()
km.interrupt_kernel()
outputs(msg)
seen["stopOther"] = {"seconds": time.monotonic() - begun, "error": answer(msg)["ename"]}

time.sleep(0.1)

# Resume in the next cell, detached: the cell ends at once and others answer meanwhile.
found, reply, seen["detachSeconds"] = execute("const job = " + reconstruct(", resume: true") + ";")
under_way(1)
times = []
for i in range(20):
    begun = time.monotonic()
    found, reply, _ = execute(f"1 + {i}")
    times.append(time.monotonic() - begun)
seen["meanwhileSeconds"] = sorted(times)[len(times) // 2]
seen["resumedFrom"] = manifest()["timings"]["resumed"]

# Attach again: the later cell has the panel too.
msg = kc.execute("await job")
attached = outputs(msg, each=moving)
seen["attached"] = sum(map(panel, attached))
pid = manifest()["process"]["id"]
km.interrupt_kernel()
outputs(msg)
answer(msg)
seen["attachedStop"] = {"gone": gone(pid, 2), "status": manifest()["status"]}

# run.stop() in a cell.
time.sleep(0.1)
execute("const again = " + reconstruct(", resume: true") + ";")
pid = under_way(2)
found, reply, _ = execute("const asked = performance.now(); await again.stop(); performance.now() - asked")
seen["stopCall"] = {"seconds": float(text(found)) / 1000, "gone": gone(pid, 2), "status": manifest()["status"], "reply": reply["status"]}

# A restart of the kernel.
execute("const last = " + reconstruct(", resume: true") + ";")
pid, step = under_way(3), manifest()["step"]
begun = time.monotonic()
km.restart_kernel(now=False)
seen["restart"] = {"gone": gone(pid, 2), "seconds": time.monotonic() - begun, "status": manifest()["status"], "on": manifest()["step"] > step}
kc.wait_for_ready(timeout=120)
found, reply, _ = execute("typeof answer")
seen["restart"]["forgot"] = reply["status"] == "error"

km.shutdown_kernel()
print(json.dumps(seen))
