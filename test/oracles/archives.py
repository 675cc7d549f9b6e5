"""Writes zips and tars of the same files with Python's standard library, and prints the files as JSON.

    archives.py FOLDER
"""
import io
import json
import os
import sys
import tarfile
import zipfile

folder = sys.argv[1]
long_name = "/".join(["a folder with a long name"] * 8) + "/Zoë.jpg"
files = {
    "alice/1.jpg": b"first",
    "alice/2.jpg": bytes(range(256)) * 40,
    "alice/empty.jpg": b"",
    "Émile/日本.jpg": b"names beyond ASCII",
    long_name: b"long " * 300,
}


class Pipe(io.RawIOBase):
    """Cannot seek, so that sizes have to stand behind the data."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def write_zip(name, method, pipe=False, zip64=False):
    with open(os.path.join(folder, name), "wb") as file:
        with zipfile.ZipFile(Pipe(file) if pipe else file, "w", method) as archive:
            for path, content in files.items():
                with archive.open(zipfile.ZipInfo(path) if method == 0 else path, "w", force_zip64=zip64) as entry:
                    entry.write(content)


def write_tar(name, form):
    with tarfile.open(os.path.join(folder, name), "w", format=form, encoding="utf-8") as archive:
        for path, content in files.items():
            parent = tarfile.TarInfo(os.path.dirname(path))
            parent.type = tarfile.DIRTYPE
            archive.addfile(parent)
            member = tarfile.TarInfo(path)
            member.size = len(content)
            member.mtime = 1.5
            archive.addfile(member, io.BytesIO(content))
        for kind, path in ((tarfile.SYMTYPE, "soft.jpg"), (tarfile.LNKTYPE, "hard.jpg")):
            link = tarfile.TarInfo(path)
            link.type = kind
            link.linkname = long_name
            archive.addfile(link)


write_zip("stored.zip", zipfile.ZIP_STORED)
write_zip("deflated.zip", zipfile.ZIP_DEFLATED)
write_zip("piped.zip", zipfile.ZIP_DEFLATED, pipe=True)
write_zip("zip64.zip", zipfile.ZIP_DEFLATED, zip64=True)
write_zip("piped64.zip", zipfile.ZIP_DEFLATED, pipe=True, zip64=True)
write_zip("bzip2.zip", zipfile.ZIP_BZIP2)
with zipfile.ZipFile(os.path.join(folder, "many.zip"), "w") as many:
    for i in range(65_600):
        many.writestr(f"{i}.jpg", b"")
write_tar("gnu.tar", tarfile.GNU_FORMAT)
write_tar("pax.tar", tarfile.PAX_FORMAT)
print(json.dumps({path: content.decode("latin-1") for path, content in files.items()}))
