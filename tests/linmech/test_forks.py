"""Laws of forks: a script does in one what it does in a process of its own, but for what is imported already."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from linmech.forks import Server, ask

PROGRAMS = {
    "": 0,
    "import sys; sys.exit(3)": 3,
    "raise SystemExit('said')": 1,
    "raise SystemExit(None)": 0,
    "1 / 0": 1,
    "import atexit; atexit.register(print, 'at the end'); print('now')": 0,
    "import os, sys; print(os.getcwd(), os.environ['TOLD'], sys.argv[1:], __name__, flush=True); sys.exit(0)": 0,
    "def f():\n    raise KeyError('x')\nf()": 1,
    "import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', 'import sys; sys.exit(5)']).returncode)": 5,
}


@pytest.fixture(scope="module")
def server():
    """A server that has imported a module that takes a while, and one of ours."""
    serving = Server("pandas", "linmech.seeds")
    yield serving
    serving.close()


def own(script, folder, environment):
    """What a script says and how it ends in a process of its own."""
    ran = subprocess.run([sys.executable, script, "a b"], cwd=folder, env=environment, capture_output=True, text=True)
    return ran.returncode, ran.stdout + ran.stderr


def forked(server, script, folder, environment):
    """The same in a fork."""
    said = folder / "said"
    code = ask(server.where, [str(script), "a b"], folder, environment, said=said)
    return code, said.read_text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_script_says_and_ends_in_a_fork_as_in_a_process_of_its_own(server, program, tmp_path):
    script, environment = tmp_path / "script.py", os.environ | {"TOLD": "so"}
    script.write_text(program)
    alone = own(script, tmp_path, environment)
    assert forked(server, script, tmp_path, environment) == alone and alone[0] == PROGRAMS[program]


def test_what_is_imported_is_there_and_nothing_of_another_fork(server, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, os; print('pandas' in sys.modules, os.environ.get('LEFT'))\n"
        "import pandas; print(hasattr(pandas, 'left'), __name__)\n"
        "pandas.left = True; os.environ['LEFT'] = 'x'; sys.path.append('left'); os.chdir('/')\n"
    )
    for number in range(2):
        (folder := tmp_path / f"{number}").mkdir()
        assert forked(server, script, folder, os.environ) == (0, "True None\nFalse __main__\n")


@pytest.mark.parametrize("ending", ["os._exit(7)", "os.kill(os.getpid(), 9)", "os.abort()"])
def test_a_fork_that_ends_without_a_word_counts_as_killed_and_the_next_one_runs(server, ending, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(f"import os\n{ending}")
    assert forked(server, script, tmp_path, os.environ)[0] == -signal.SIGKILL
    script.write_text("")
    assert forked(server, script, tmp_path, os.environ)[0] == 0


def test_it_is_watched_from_before_its_first_line_to_its_end(server, tmp_path):
    script, lines = tmp_path / "script.py", []
    script.write_text(f"open({str(tmp_path / 'ran')!r}, 'w').write(str(__import__('os').getpid()))")

    @contextmanager
    def watched(process):
        time.sleep(0.3)
        lines.append((tmp_path / "ran").exists())
        yield
        lines.append((tmp_path / "ran").read_text() == str(process))

    assert ask(server.where, [str(script)], tmp_path, os.environ, watched) == 0 and lines == [False, True]


def test_who_asks_and_is_interrupted_takes_the_fork_with_it(server, tmp_path):
    script, found = tmp_path / "script.py", []
    script.write_text("import time\ntime.sleep(600)")

    @contextmanager
    def watched(process):
        found.append(process)
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        ask(server.where, [str(script)], tmp_path, os.environ, watched)
    assert ended(*found)


def ended(process, seconds=30.0):
    """Whether a process ends in so many seconds (one that nobody has asked about yet counts as ended)."""
    stat = Path(f"/proc/{process}/stat")
    for _ in range(int(seconds / 0.05)):
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_the_server_ends_with_the_process_that_started_it_however_that_ends_and_leaves_nothing():
    program = (
        "import os, time\nfrom linmech.forks import Server\nserver = Server()\nserver.where\n"
        "print(server._process.pid, server.where.parent, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        process, folder = parent.stdout.readline().split()
        assert Path(folder).is_dir()
        parent.kill()
    assert ended(process) and not Path(folder).exists()


def test_a_fork_goes_on_when_who_asked_for_it_and_the_server_have_ended(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import time\nfrom pathlib import Path\nPath('begun').touch()\ntime.sleep(2)\nPath('done').touch()"
    )
    program = (
        "from linmech.forks import Server, ask\nserver = Server()\n"
        f"ask(server.where, [{str(script)!r}], {str(tmp_path)!r})"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as parent:
        assert appears(tmp_path / "begun")
        parent.kill()
    assert not (tmp_path / "done").exists() and appears(tmp_path / "done")


def appears(path, seconds=30.0):
    """Whether a file is there within so many seconds."""
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return path.exists()


def test_a_server_that_cannot_be_had_says_so_each_time(tmp_path):
    threads = tmp_path / "threads.py"
    threads.write_text("import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()")
    serving = Server(str(threads), program=("-c", THREADED))
    for _ in range(2):
        with pytest.raises(ConnectionError, match="has ended, with 1"):
            print(serving.where)
    serving.close()


THREADED = """
import sys
from pathlib import Path
from linmech.forks import serve
sys.path.insert(0, str(Path(sys.argv[3]).parent))
serve(sys.argv[1], int(sys.argv[2]), [Path(sys.argv[3]).stem])
"""


def test_a_server_whose_socket_was_swept_away_is_told_and_not_waited_for():
    serving = Server()
    serving.where.unlink()
    with pytest.raises(ConnectionError, match="is gone"):
        print(serving.where)
    assert not serving.serves
    serving.close()


def test_a_server_that_was_killed_is_told_before_anything_runs(tmp_path):
    serving, script = Server(), tmp_path / "script.py"
    where = serving.where
    serving._process.kill(), serving._process.wait()
    script.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ConnectionError):
        ask(where, [str(script)], tmp_path)
    with pytest.raises(ConnectionError):
        print(serving.where)
    assert not (tmp_path / "ran").exists()
    serving.close()
