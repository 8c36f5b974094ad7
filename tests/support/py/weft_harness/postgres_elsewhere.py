# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL servers of other versions, as others build them: the binaries that Java's tests
embed. Run with the distribution's clients."""
import tarfile
import zipfile

from . import databases, pins


def postgres_elsewhere(version):
    """What starts a cluster of the version, for a group."""
    def start(group):
        clients = databases.installed_clients()
        jar = pins.postgres_jar(version)
        home = group.work / f"postgresql-{version}"
        with zipfile.ZipFile(jar) as whole, whole.open("postgres-linux-x86_64.txz") as inner, \
                tarfile.open(fileobj=inner, mode="r|xz") as files:
            files.extractall(home)
        return databases.postgres(group, programs_at=home / "bin", clients_at=clients)
    return start
