"""Debian's python3-torch in a folder, nothing installed: python3 fetch_torch.py FOLDER (as root on Debian; FOLDER is made).

apt-get says which packages are missing here, downloads them and checks their sums. Of each only the libraries and the files of Python
are unpacked, which takes a fifth of the time that an installation takes. FOLDER/python then runs a Python that has torch. Ends with
exit code 0 where torch can be imported; otherwise the last line says why not.
"""
import io, lzma, os, pathlib, re, shutil, subprocess, sys, tarfile

# What PyTorch's packages ask for and "import torch" never opens. The C library is always the one that runs.
NEVER_OPENED = re.compile(
    r"libc6|libc-bin|libllvm|libz3|libgl1-mesa|libegl|libtesseract|fonts-|iso-codes|openssl|ca-certificates|shared-mime-info"
    r"|python3-(sympy|mpmath|hypothesis|future|psutil|requests|urllib3|certifi|chardet)|.*-(data|common|test|plugins)$")
WANTED = re.compile(r"\.?/?(usr/lib/python3/dist-packages/(?!.*/include/)|(usr/)?lib/([^/]*-linux-gnu[^/]*/)?((blas|lapack)/)?[^/]*\.so)")


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def contents(archive):
    """The bytes of a package's data.tar: a package is an ar archive, whose members have headers of 60 bytes and even lengths."""
    with open(archive, "rb") as file:
        file.seek(8)
        while header := file.read(60):
            length = int(header[48:58])
            if header.startswith(b"data.tar"):
                data = file.read(length)
                return lzma.decompress(data) if header.startswith(b"data.tar.xz") else data
            file.seek(length + length % 2, os.SEEK_CUR)
    raise ValueError(f"{archive} has no data.tar")


def fetch(folder):
    archives = folder / "archives"
    archives.mkdir(parents=True)
    listed = run("apt-get", "install", "--simulate", "--no-install-recommends", "python3-torch")
    packages = [name for name in re.findall(r"^Inst (\S+)", listed, re.M) if not NEVER_OPENED.match(name)]
    run("apt-get", "download", "-qq", *packages, cwd=archives)
    # One process for all: starting dpkg-deb and tar for each of 280 packages takes as long again as what they do.
    for archive in archives.iterdir():
        with tarfile.open(fileobj=io.BytesIO(contents(archive))) as tar:
            for member in tar:
                if WANTED.match(member.name): tar.extract(member, folder, set_attrs=False)
        archive.unlink()

    packages = folder / "usr/lib/python3/dist-packages"
    for entry in packages.rglob("torch/lib/*.so*"):
        # A link to a library that was installed here already, and so was not unpacked.
        if not entry.exists():
            target = pathlib.Path("/") / os.path.normpath(entry.parent / os.readlink(entry)).removeprefix(f"{folder}/")
            entry.unlink()
            entry.symlink_to(target)
    for program in packages.glob("torch/bin/*"): program.chmod(0o755)
    libraries = sorted({str(library.parent) for library in folder.glob("**/*.so.*") if packages not in library.parents})
    python = folder / "python"
    python.write_text(f"""#!/bin/sh
LD_LIBRARY_PATH={':'.join(libraries)} PYTHONPATH={packages} exec /usr/bin/python3 "$@"
""")
    python.chmod(0o755)
    return f"PyTorch {run(python, '-c', 'import torch; print(torch.__version__)').strip()} in {folder}, {len(libraries)} folders"


try:
    print(fetch(pathlib.Path(sys.argv[1]).absolute()))
except subprocess.CalledProcessError as failure:
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    sys.exit(f"{failure.cmd[0]}: {(failure.stderr.strip().splitlines() or ['no message'])[-1]}")
except (OSError, ValueError, lzma.LZMAError, tarfile.TarError) as failure:
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    sys.exit(f"fetch_torch.py: {failure}")
