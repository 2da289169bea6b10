#!/usr/bin/env python3
"""Side-by-side measurements of programs that print a line per file event. See ../README.md.

  bench.py [-c NAME,..] [-R RUNS] watch-throughput|watch-drain|watch-latency|watch-startup|watch-setup|watch-soak|watch-races ...

Consumers come from consumers.json next to this file; {root} (the watched folder), {out} (build folder) and
{custos} (the launcher) are replaced.
One JSON line per measurement on stdout, so that results can be kept and compared.
"""
import argparse, json, os, re, shutil, signal, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.environ.get("OUT") or os.path.join(tempfile.gettempdir(), "custos-bench")   # build folder
CUSTOS = os.environ.get("CUSTOS") or os.path.join(HERE, "..", "..", "custos")             # the launcher
WORK = os.environ.get("BENCH_TMPFS", OUT + "/ram")     # a tmpfs: the tree under load and the consumers' output


def cfg():
    with open(HERE + "/consumers.json") as f:
        return json.load(f)


def expand(cmd, root):
    v = {"root": root, "out": OUT, "custos": os.path.abspath(CUSTOS)}
    return [re.sub(r"\{(\w+)\}", lambda m: v.get(m.group(1), m.group(0)), a) for a in cmd]


def session(pid):
    """A command's processes: a launcher that stays, and what it started (each command leads a session of its own)."""
    out = []
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                with open(f"/proc/{d}/stat") as f:
                    if int(f.read().rsplit(")", 1)[1].split()[3]) == pid:
                        out.append(int(d))
            except (OSError, ValueError):
                pass
    return out or [pid]


def cpu_s(pid):
    """CPU time of a command's processes in seconds, to the nanosecond (their POSIX CPU clocks)."""
    total = 0.0
    for p in session(pid):
        try:
            total += time.clock_gettime((~p << 3) | 2)
        except OSError:
            pass
    return total


def mem(pid):
    """Summed over a command's processes, kB."""
    r = {}
    for p in session(pid):
        try:
            with open(f"/proc/{p}/status") as f:
                for l in f:
                    if l.startswith(("VmRSS", "VmHWM", "RssAnon", "Threads")):
                        k = l.split(":")[0]
                        r[k] = r.get(k, 0) + int(l.split()[1])
        except OSError:
            pass
    return r


class Consumer:
    def __init__(self, name, c, root, out=None, timeout=300, pin=()):
        self.name, self.c = name, c
        self.outfile = f"{WORK}/{name}.out"
        self.errfile = f"{WORK}/{name}.err"
        cmd = list(pin) + expand(c["cmd"], root)
        self.t0 = time.monotonic()
        self.p = subprocess.Popen(cmd, stdout=out or open(self.outfile, "wb"), stderr=open(self.errfile, "wb"), cwd=root,
                                  start_new_session=True)
        end = self.t0 + timeout
        rx = c.get("ready")
        self.ready = False
        while time.monotonic() < end:
            if self.p.poll() is not None:
                break
            if rx is None:
                time.sleep(1.0); self.ready = True; break
            if re.search(rx, self.err()):
                self.ready = True; break
            time.sleep(0.001)
        self.ready_s = time.monotonic() - self.t0

    def err(self):
        with open(self.errfile, errors="replace") as f:
            return f.read()

    def settle(self, quiet=0.4, limit=60):
        last, since, end = -1, time.monotonic(), time.monotonic() + limit
        while time.monotonic() < end:
            n = (os.path.getsize(self.outfile), round(cpu_s(self.p.pid), 3)) if self.p.poll() is None else (0, 0)
            if n != last:
                last, since = n, time.monotonic()
            elif time.monotonic() - since > quiet:
                return
            time.sleep(0.05)

    def stop(self):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
            try:
                self.p.wait(5)
            except subprocess.TimeoutExpired:
                self.p.kill(); self.p.wait()


def fresh(root, subdirs=16):
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    subprocess.run([OUT + "/loadgen", "-d", root, "-k", str(subdirs), "-p"], check=True)


def load(root, mode, n, rate, threads=1, burst=1, seq=0, subdirs=16, pin=()):
    o = subprocess.run(list(pin) + [OUT + "/loadgen", "-d", root, "-k", str(subdirs), "-m", mode, "-n", str(n), "-r", str(rate), "-t", str(threads),
                        "-b", str(burst), "-s", str(seq)], check=True, capture_output=True, text=True).stdout
    return json.loads(o)


def count(path, offset):
    """lines, overflow lines, and the distinct unique names seen (x.. and y..)"""
    lines = over = 0                        # a line with several events in one mask (fanotify) counts as so many
    xs, ys = set(), set()
    rx = re.compile(rb"/([xy])(\d+_\d+)_")
    with open(path, "rb") as f:
        f.seek(offset)
        for l in f:
            m = rx.search(l)
            if m:
                words = b"" if l.startswith(b"{") else l.split(b" ", 1)[0]
                lines += 1 + words.replace(b"CLOSE_WRITE,CLOSE", b"").count(b",")
                (xs if m.group(1) == b"x" else ys).add(m.group(2))
            elif b"OVERFLOW" in l or l.startswith(b"LOST") or b'"action":"lost"' in l:
                over += 1
            elif b"/m0_" in l or b"/m1_" in l:
                lines += 1
    return lines, over, len(xs), len(ys)


def emit(**kw):
    print(json.dumps(kw), flush=True)


def throughput(names, a):
    for name in names:
        c = cfg()["consumers"][name]
        for run in range(a.runs):
            root = WORK + "/tree"
            fresh(root)
            k = Consumer(name, c, root)
            if not k.ready:
                emit(test="throughput", consumer=name, error=k.err()[-300:]); k.stop(); continue
            rss0 = mem(k.p.pid)
            if a.warm:
                load(root, "cycle", a.warm, 5000); k.settle()
            seq = a.warm
            for rate in a.rates:          # in events per second; 0: as fast as the generator can
                per = {"cycle": 6, "mod": 1, "creat": 3}[a.mode]
                n = int((rate or a.maxevents / a.seconds) * a.seconds / per)
                off = os.path.getsize(k.outfile)
                cpu0 = cpu_s(k.p.pid)
                g = load(root, a.mode, n, rate / per, a.threads, a.burst, seq)
                seq += n
                k.settle()
                if k.p.poll() is not None:
                    emit(test="throughput", consumer=name, rate=rate, error="died", err=k.err()[-200:]); break
                cpu = cpu_s(k.p.pid) - cpu0
                lines, over, xs, ys = count(k.outfile, off)
                want = g["cycles"] * c["lines_per_cycle"].get(a.mode, 0)
                emit(test="throughput", consumer=name, run=run, mode=a.mode, threads=a.threads, burst=a.burst, rate=rate,
                     made_per_s=g["events_per_s"], made=g["events"], lines=lines, want=want,
                     loss=round(1 - lines / want, 5) if want else None, overflows=over, names_missing=(g["cycles"] - xs) if a.mode != "mod" else None,
                     cpu_s=round(cpu, 4), cpu_s_per_M_kernel_events=round(cpu / g["events"] * 1e6, 3),
                     cpu_us_per_line=round(cpu / lines * 1e6, 3) if lines else None, **{x: y for x, y in mem(k.p.pid).items()}, rss_idle=rss0["VmRSS"])
            k.stop()


def drain(names, a):
    """The consumer is stopped, the queue is filled, the consumer goes on: capacity without a generator beside it."""
    for name in names:
        c = cfg()["consumers"][name]
        root = WORK + "/tree"
        fresh(root)
        k = Consumer(name, c, root)
        seq = 0
        for run in range(a.runs):
            n = a.fill // 6
            off = os.path.getsize(k.outfile)
            os.kill(k.p.pid, signal.SIGSTOP)
            g = load(root, "cycle", n, 0, seq=seq); seq += n
            cpu0 = cpu_s(k.p.pid)
            t0 = time.monotonic()
            os.kill(k.p.pid, signal.SIGCONT)
            last = off; tl = t0
            while time.monotonic() - tl < 0.5:
                s = os.path.getsize(k.outfile)
                if s != last: last, tl = s, time.monotonic()
                time.sleep(0.0005)
            cpu = cpu_s(k.p.pid) - cpu0
            lines, over, xs, ys = count(k.outfile, off)
            emit(test="drain", consumer=name, run=run, made=g["events"], lines=lines, want=n * c["lines_per_cycle"]["cycle"], overflows=over,
                 drain_ms=round((tl - t0) * 1e3, 2), lines_per_s=round(lines / max(tl - t0, 1e-6)), cpu_ns_per_line=round(cpu / max(lines, 1) * 1e9))
        k.stop()


def latency(names, a):
    one, two = (["taskset", "-c", "0"], ["taskset", "-c", "1"]) if a.pin else ([], [])
    for name in names:
        c = cfg()["consumers"][name]
        for run in range(a.runs):
            root = WORK + "/tree"
            fresh(root)
            sink = subprocess.Popen(one + [OUT + "/latsink", "-s", str(a.skip)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            k = Consumer(name, c, root, out=sink.stdin, pin=two)
            sink.stdin.close()
            cpu0 = cpu_s(k.p.pid)
            g = load(root, "lat", a.n, a.rate / 3, burst=a.burst, pin=one)
            time.sleep(1.5)
            cpu = cpu_s(k.p.pid) - cpu0
            m = mem(k.p.pid)
            k.stop()
            r = json.loads(sink.stdout.read())
            emit(test="latency", consumer=name, run=run, pin=a.pin, rate=a.rate, burst=a.burst, made=g["cycles"], late=g["late"], cpu_s_per_M_kernel_events=round(cpu / g["events"] * 1e6, 2), VmRSS=m["VmRSS"], **r)


def startup(names, a):
    """exec -> first event delivered: probe files are created every millisecond until one is reported."""
    for name in names:
        c = cfg()["consumers"][name]
        for run in range(a.runs):
            root = WORK + "/tree"
            fresh(root)
            outf = f"{WORK}/{name}.out"
            with open(outf, "wb") as o, open(f"{WORK}/{name}.err", "wb") as e:
                t0 = time.monotonic()
                p = subprocess.Popen(expand(c["cmd"], root), stdout=o, stderr=e, cwd=root, start_new_session=True)
            i = 0
            while time.monotonic() - t0 < 20 and os.path.getsize(outf) == 0:
                open(f"{root}/s0/probe{i}", "w").close(); i += 1
                time.sleep(0.001)
            t = time.monotonic() - t0
            time.sleep(1)
            cpu = cpu_s(p.pid); m = mem(p.pid)
            p.terminate()
            try: p.wait(5)
            except subprocess.TimeoutExpired: p.kill(); p.wait()
            emit(test="startup", consumer=name, run=run, first_event_ms=round(t * 1e3, 1), cpu_s=round(cpu, 3), **m)


def slab():
    with open("/proc/meminfo") as f:
        return {l.split(":")[0]: int(l.split()[1]) for l in f if l.startswith(("Slab", "MemFree", "SUnreclaim"))}


def setup(names, a):
    for name in names:
        c = cfg()["consumers"][name]
        for run in range(a.runs):
            s0 = slab()
            k = Consumer(name, c, a.root, timeout=a.timeout)
            t = k.ready_s
            alive = k.p.poll() is None
            r = mem(k.p.pid) if alive else {}
            cpu = cpu_s(k.p.pid) if alive else None
            s1 = slab()
            probe = None
            if alive and a.probe:
                f = a.probe + "/probe%d" % int(time.time() * 1e6)
                ts = time.monotonic(); open(f, "w").close()
                while time.monotonic() - ts < 5:
                    if os.path.getsize(k.outfile): probe = round((time.monotonic() - ts) * 1e3, 2); break
                    time.sleep(0.0005)
                os.unlink(f)
            emit(test="setup", consumer=name, run=run, root=a.root, ready=k.ready, ready_s=round(t, 3), cpu_s=cpu and round(cpu, 3), probe_ms=probe,
                 slab_MB=round((s1["SUnreclaim"] - s0["SUnreclaim"]) / 1024, 1), err=k.err()[-250:].strip(), **r)
            k.stop()
            time.sleep(1)


def descriptors(pid):
    """Open descriptors of a command's processes."""
    n = 0
    for p in session(pid):
        try:
            n += len(os.listdir(f"/proc/{p}/fd"))
        except OSError:
            pass
    return n


def soak(names, a):
    """Memory and descriptors while millions of events come and thousands of directories come and go."""
    for name in names:
        c = cfg()["consumers"][name]
        root = WORK + "/tree"
        fresh(root)
        lines = subprocess.Popen(["awk", '/^LOST|OVERFLOW|"action":"lost"/ { lost++ } END { print NR, lost + 0 }'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        k = Consumer(name, c, root, out=lines.stdin)
        lines.stdin.close()
        open(k.outfile, "w").close()        # settle looks at its size
        start, seq, made = None, 0, 0
        for step in range(a.steps + 1):     # the first one warms up
            n = int(a.events / a.steps / 6)
            g = load(root, "cycle", n, a.rate / 6, seq=seq, burst=20)
            seq += n
            for i in range(int(a.dirs / a.steps)):
                d = f"{root}/s{step}_{i}"
                os.makedirs(d + "/deep"); os.rename(d, d + "m"); shutil.rmtree(d + "m")
            k.settle()
            if k.p.poll() is not None:
                emit(test="soak", consumer=name, step=step, error="died", err=k.err()[-200:]); break
            r, fds = mem(k.p.pid), descriptors(k.p.pid)
            if step == 0:
                start = r["VmRSS"], fds
                continue
            made += g["events"]
            emit(test="soak", consumer=name, step=step, events=made, dirs=step * int(a.dirs / a.steps), VmRSS=r["VmRSS"],
                 grown_kB=r["VmRSS"] - start[0], descriptors=fds, descriptors_grown=fds - start[1])
        k.stop()
        said, lost = lines.stdout.read().split()
        emit(test="soak", consumer=name, cycles=seq, lines=int(said), lost_lines=int(lost), err=k.err()[-250:].strip())


# --- correctness under races: what happened (the truth) against what was reported ---

def paths_in(consumer, offset=0):
    """path -> list of event words, in order, from the consumer's lines"""
    r = {}
    with open(consumer.outfile, errors="replace") as f:
        f.seek(offset)
        for l in f:
            w = l.rstrip("\n").split(" ", 1)
            if len(w) == 2:
                r.setdefault(w[1].rstrip("/"), []).append(w[0])
    return r


def touch(p):
    with open(p, "w"):
        pass


def race_mkdirp(root, out, n):
    """mkdir -p a/b/c/d and a file in it at once; 300 ms later a second file."""
    now = [f"{root}/r{i}/b/c/d/now" for i in range(n)]
    for p in now:
        os.makedirs(os.path.dirname(p)); touch(p)
    time.sleep(0.5)
    later = [p[:-3] + "later" for p in now]
    for p in later: touch(p)
    dirs = [f"{root}/r{i}{s}" for i in range(n) for s in ("", "/b", "/b/c", "/b/c/d")]
    return {"file at once": now, "file later": later, "directories": dirs}, []


def race_mkdirp_slow(root, out, n):
    """as mkdirp, but with 20 ms between the trees"""
    now = []
    for i in range(n):
        p = f"{root}/r{i}/b/c/d/now"
        os.makedirs(os.path.dirname(p)); touch(p); now.append(p)
        time.sleep(0.02)
    time.sleep(0.3)
    later = [p[:-3] + "later" for p in now]
    for p in later: touch(p)
    return {"file at once": now, "file later": later}, []


def race_rename_inside(root, out, n):
    """directories with a sub-directory renamed inside the tree, then a file below the new name"""
    for i in range(n): os.makedirs(f"{root}/a{i}/x")
    time.sleep(1)
    for i in range(n): os.rename(f"{root}/a{i}", f"{root}/z{i}")
    time.sleep(0.5)
    good = [f"{root}/z{i}/x/f" for i in range(n)]
    for p in good: touch(p)
    return {"file below new name": good}, [f"{root}/a{i}/x/f" for i in range(n)]


def race_rename_one(root, out, n):
    """as rename-inside, one at a time: rename, 20 ms, file"""
    for i in range(n): os.makedirs(f"{root}/a{i}/x")
    time.sleep(1)
    good = []
    for i in range(n):
        os.rename(f"{root}/a{i}", f"{root}/z{i}"); time.sleep(0.02)
        p = f"{root}/z{i}/x/f"; touch(p); good.append(p); time.sleep(0.005)
    return {"file below new name": good}, [f"{root}/a{i}/x/f" for i in range(n)]


def race_rename_busy(root, out, n):
    """file, rename of the directory above, another file, without a pause"""
    for i in range(n): os.makedirs(f"{root}/a{i}/x")
    time.sleep(1)
    for i in range(n): touch(f"{root}/a{i}/x/f1"); os.rename(f"{root}/a{i}", f"{root}/z{i}"); touch(f"{root}/z{i}/x/f2")
    return ({"file before": [f"{root}/a{i}/x/f1" for i in range(n)], "file after": [f"{root}/z{i}/x/f2" for i in range(n)]},
            [f"{root}/a{i}/x/f2" for i in range(n)] + [f"{root}/z{i}/x/f1" for i in range(n)])


def race_move_out(root, out, n):
    """moved out of the tree, then a file there (nothing may be reported), then a file in a sibling (must be)"""
    for i in range(n): os.makedirs(f"{root}/a{i}/x"); os.makedirs(f"{root}/keep{i}")
    time.sleep(1)
    for i in range(n): os.rename(f"{root}/a{i}", f"{out}/a{i}")
    time.sleep(0.5)
    for i in range(n): touch(f"{out}/a{i}/x/f")
    good = [f"{root}/keep{i}/f" for i in range(n)]
    for p in good: touch(p)
    return {"file in sibling": good}, [f"{root}/a{i}/x/f" for i in range(n)]


def race_move_in(root, out, n):
    """a tree with content moved in; then a new file in its sub-directory"""
    for i in range(n): os.makedirs(f"{out}/m{i}/x"); touch(f"{out}/m{i}/x/old")
    for i in range(n): os.rename(f"{out}/m{i}", f"{root}/m{i}")
    time.sleep(0.5)
    good = [f"{root}/m{i}/x/new" for i in range(n)]
    for p in good: touch(p)
    return {"new file": good, "content moved in": [f"{root}/m{i}/x/old" for i in range(n)]}, []


def race_recreate(root, out, n):
    """directory removed and created again under the same name, file at once; again after 300 ms"""
    for i in range(n): os.makedirs(f"{root}/d{i}")
    time.sleep(1)
    for i in range(n): os.rmdir(f"{root}/d{i}"); os.mkdir(f"{root}/d{i}"); touch(f"{root}/d{i}/now")
    time.sleep(0.5)
    for i in range(n): touch(f"{root}/d{i}/later")
    return {"file at once": [f"{root}/d{i}/now" for i in range(n)], "file later": [f"{root}/d{i}/later" for i in range(n)]}, []


def race_mix(root, out, n):
    """two processes create, rename, move and remove directories for n/20 s; then a file in every directory that is left"""
    code = ("import os,random,sys,time\nr,o,s,t=sys.argv[1],sys.argv[2],int(sys.argv[3]),float(sys.argv[4])\nrandom.seed(s)\nd=[r]\ne=time.time()+t\nk=0\n"
            "while time.time()<e:\n k+=1\n try:\n  q=random.random();p=random.choice(d)\n"
            "  if q<.45 or len(d)<5:\n   m=f'{p}/n{s}_{k}'\n   if m.count('/')<r.count('/')+8:\n    os.mkdir(m);d.append(m)\n"
            "  elif q<.75 and p!=r:\n   m=f'{random.choice(d)}/v{s}_{k}'\n   os.rename(p,m);d=[m+x[len(p):] if x==p or x.startswith(p+'/') else x for x in d]\n"
            "  elif q<.85 and p!=r: os.rmdir(p);d.remove(p)\n  else: open(f'{p}/g{s}_{k}','w').close()\n except OSError: d=[x for x in d if os.path.isdir(x)] or [r]\n time.sleep(0.001)\n")
    ps = [subprocess.Popen([sys.executable, "-c", code, root, out, str(s), str(n / 20)]) for s in (1, 2)]
    for p in ps: p.wait()
    time.sleep(1.5)
    good = [d + "/sentinel" for d, _, _ in os.walk(root)]
    for p in good: touch(p)
    return {"file in every directory": good}, []


RACES = {"mkdirp": race_mkdirp, "mkdirp-slow": race_mkdirp_slow, "rename-inside": race_rename_inside, "rename-one": race_rename_one, "rename-busy": race_rename_busy, "move-out": race_move_out,
         "move-in": race_move_in, "recreate": race_recreate, "mix": race_mix,
         "overflow": None}     # consumer held while its queue overflows and directories are created: is it said, are they watched afterwards?


def races(names, a):
    for name in names:
        c = cfg()["consumers"][name]
        for race in a.races or RACES:
            root, out = WORK + "/tree", WORK + "/outside"
            fresh(root, 2); shutil.rmtree(out, ignore_errors=True); os.makedirs(out)
            k = Consumer(name, c, root, timeout=20)
            time.sleep(0.3)
            cpu0 = cpu_s(k.p.pid) if k.p.poll() is None else 0
            try:
                if race == "overflow":
                    os.kill(k.p.pid, signal.SIGSTOP)
                    load(root, "cycle", 4000, 0, subdirs=2)
                    for i in range(a.n): os.makedirs(f"{root}/o{i}/x")
                    os.kill(k.p.pid, signal.SIGCONT)
                    k.settle(1)
                    good = [f"{root}/o{i}/x/f" for i in range(a.n)] + [f"{root}/s0/after{i}" for i in range(a.n)]
                    for p in good: touch(p)
                    truth, false = {"file in new directory": good[:a.n], "file in old directory": good[a.n:]}, []
                else:
                    truth, false = RACES[race](root, out, a.n)
                k.settle(0.8, 20)
            except ProcessLookupError:
                truth, false = {}, []
            alive = k.p.poll() is None
            cpu = cpu_s(k.p.pid) - cpu0 if alive else None
            seen = paths_in(k)
            said = sum(len(v) for p, v in seen.items() if "OVERFLOW" in p) + sum(1 for l in open(k.outfile, errors="replace") if "OVERFLOW" in l or l.startswith("LOST"))
            emit(test="races", consumer=name, race=race, alive=alive, exit=k.p.poll(), cpu_s=cpu and round(cpu, 3), overflow_said=said,
                 missed={t: f"{sum(p not in seen for p in ps)}/{len(ps)}" for t, ps in truth.items()},
                 wrong_path=sum(p in seen for p in false), err=k.err()[-160:].strip() if not alive else "")
            k.stop()


def guard(names, a):
    g = cfg()["guards"]
    rt = ["chrt", "-f", "10"] if a.rt else []
    gpin, opin = {"none": ([], []), "same": (["taskset", "-c", "0"], ["taskset", "-c", "0"]), "cross": (["taskset", "-c", "1"], ["taskset", "-c", "0"])}[a.pin]
    opin = rt + opin
    seen = {}
    root = a.root or WORK + "/guarded"
    os.makedirs(root, exist_ok=True)
    subprocess.run([OUT + "/openlat", "-p", "-d", root], check=True)
    # A variant "-few" of a guard by manifest has ten rules, so that many stand beside few in the same run.
    made = {few: guard_rules(root, 10 if few else a.rules, WORK + ("/few" if few else "/r")) for few in {n.endswith("-few") for n in names}}
    for run in range(a.runs):
        for name in names:
            p = None
            if name != "none":
                errf = f"{WORK}/guard-{name}.err"
                deny, manifest = made[name.endswith("-few")]
                cmd = [{"{manifest}": manifest + ".yaml", "{conf}": manifest + ".conf"}.get(c, c) for c in expand(g[name]["cmd"], root)]
                p = subprocess.Popen(gpin + cmd + (deny if g[name].get("rules") else []), stderr=open(errf, "wb"), stdout=subprocess.DEVNULL, start_new_session=True)
                t0 = time.monotonic()
                while time.monotonic() - t0 < 90 and not re.search(g[name].get("ready", "READY"), open(errf).read()) and p.poll() is None: time.sleep(0.005)
                if not re.search(g[name].get("ready", "READY"), open(errf).read()):
                    emit(test="guard", guard=name, error=open(errf).read()[-300:]); p.kill(); continue
                # Not from the start: what looks at 100,000 paths would keep the CPU from the watchdog's sign of life.
                settled(p.pid)
                for of in session(p.pid) if rt else []:
                    subprocess.run(["chrt", "-a", "-f", "-p", "10", str(of)], check=True)
            for t in a.threads:
                cpu0 = cpu_s(p.pid) if p else 0
                try:
                    o = subprocess.run(opin + [OUT + "/openlat", "-d", root, "-t", str(t), "-n", str(a.n // t), "-w", str(a.warmup // t), "-r", str(a.rate), "-x"],
                                       capture_output=True, text=True, timeout=100).stdout
                    r = json.loads(o)
                except subprocess.TimeoutExpired:
                    emit(test="guard", guard=name, threads=t, error="timeout")
                    if p: p.kill()
                    break
                cpu = cpu_s(p.pid) - cpu0 if p else 0
                if cpu < 0:
                    emit(test="guard", guard=name, threads=t, error="was started again: " + open(errf).read()[-300:])
                    break
                seen.setdefault((name, t), []).append(dict(r["all"], ops_per_s=r["ops_per_s"], guard_cpu_us=cpu / (a.n + a.warmup) * 1e6))
                emit(test="guard", guard=name, run=run, rate=a.rate, pin=a.pin, rules=a.rules, threads=t, ops_per_s=r["ops_per_s"], guard_cpu_us_per_op=round(cpu / (a.n + a.warmup) * 1e6, 2),
                     **{k: v for k, v in r["all"].items()}, open_p50_us=r["open"]["p50_us"], open_p99_us=r["open"]["p99_us"], **(mem(p.pid) if p else {}))
            if p:
                p.terminate()
                try: p.wait(5)
                except subprocess.TimeoutExpired: p.kill(); p.wait()
    for (name, t), rows in seen.items():
        guard_summary(name, t, rows, seen)


def settled(pid):
    """Waits until a guard has nothing left to do for itself."""
    for _ in range(60):
        before = cpu_s(pid)
        time.sleep(0.5)
        if cpu_s(pid) - before < 0.05:
            return


def guard_rules(root, n, folder):
    """Makes n files to be denied; returns arguments that say so, and how a manifest that does is named, and settings, without the ending."""
    os.makedirs(folder, exist_ok=True)
    paths = [f"{folder}/{i}" for i in range(n)]
    for p in paths:
        open(p, "w").close()
    with open(folder + ".yaml", "w") as f:
        f.write("apiVersion: januscontroller.clustergarage.io/v1alpha1\nkind: JanusGuard\nmetadata: {name: bench, namespace: default}\n"
                f"spec:\n  report: Denied\n  subjects:\n    - {{events: [open, access], allow: ['{root}'], deny: [{', '.join(paths)}]}}\n")
    with open(folder + ".conf", "w") as f:
        f.write("custos.guard.deadline = 10s\n")    # 100,000 paths on one busy CPU: a collection may take two
    return ["--deny=" + p for p in paths], folder


def guard_summary(name, threads, rows, seen):
    """Medians over the runs, and what they are beside the C program's; p50 also less the time without a guard, if that was measured."""
    def medians(of):
        return {k: statistics.median(r[k] for r in of) for k in ("p50_us", "p99_us", "p999_us", "max_us", "ops_per_s", "guard_cpu_us")} if of else None
    m, c, none = medians(rows), medians(seen.get(("c-fanotify", threads))), medians(seen.get(("none", threads)))
    ratios = {}
    if c:
        ratios = {"x_" + k: round(m[k] / c[k], 2) for k in m if c[k]}
        if none and name != "none":
            ratios["x_added_p50"] = round((m["p50_us"] - none["p50_us"]) / (c["p50_us"] - none["p50_us"]), 2)
    emit(test="guard-medians", guard=name, threads=threads, runs=len(rows), **{k: round(v, 2) for k, v in m.items()}, **ratios)


ap = argparse.ArgumentParser()
ap.add_argument("-c", "--consumers", default="")
ap.add_argument("-R", "--runs", type=int, default=3)
sp = ap.add_subparsers(dest="test", required=True)
p = sp.add_parser("watch-throughput"); p.set_defaults(f=throughput)
p.add_argument("--rates", type=lambda s: [float(x) for x in s.split(",")], default=[5000, 20000, 50000, 100000, 200000, 0])
p.add_argument("--seconds", type=float, default=3); p.add_argument("--maxevents", type=float, default=600000)
p.add_argument("--mode", default="cycle"); p.add_argument("--threads", type=int, default=1); p.add_argument("--burst", type=int, default=20); p.add_argument("--warm", type=int, default=5000)
p = sp.add_parser("watch-drain"); p.set_defaults(f=drain); p.add_argument("--fill", type=int, default=16000)
p = sp.add_parser("watch-latency"); p.set_defaults(f=latency)
p.add_argument("--rate", type=float, default=5000); p.add_argument("-n", type=int, default=20000); p.add_argument("--skip", type=int, default=5000); p.add_argument("--pin", action="store_true", help="consumer on CPU 1, generator and reader on CPU 0"); p.add_argument("--burst", type=int, default=1)
p = sp.add_parser("watch-startup"); p.set_defaults(f=startup)
p = sp.add_parser("watch-setup"); p.set_defaults(f=setup); p.add_argument("--root", required=True); p.add_argument("--timeout", type=float, default=300); p.add_argument("--probe")
p = sp.add_parser("watch-soak"); p.set_defaults(f=soak)
p.add_argument("--events", type=float, default=10e6); p.add_argument("--dirs", type=float, default=10000); p.add_argument("--steps", type=int, default=10); p.add_argument("--rate", type=float, default=100000)
p = sp.add_parser("watch-races"); p.set_defaults(f=races); p.add_argument("-n", type=int, default=100); p.add_argument("--races", type=lambda s: s.split(","))
p = sp.add_parser("guard"); p.set_defaults(f=guard); p.add_argument("--pin", default="none", choices=["none", "same", "cross"]); p.add_argument("--root"); p.add_argument("-n", type=int, default=40000); p.add_argument("--warmup", type=int, default=4000)
p.add_argument("--threads", type=lambda s: [int(x) for x in s.split(",")], default=[1, 2, 8]); p.add_argument("--rate", type=float, default=0); p.add_argument("--rt", action="store_true", help="guard and load at a real-time priority, where other work runs on the machine"); p.add_argument("--rules", type=int, default=0, help="so many more paths, each denied; arguments of a program end at some 30,000, a manifest (custos-manifest) does not")
a = ap.parse_args()
os.makedirs(WORK, exist_ok=True)
a.f(a.consumers.split(",") if a.consumers else list(cfg()["guards" if a.test == "guard" else "consumers"]), a)
