"""Runtime of containers: a process that can't write where it must ends, and what waits for it fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from rehearsal.cloud.containers import Container, containers_waited_for
from rehearsal.cloud.images import paths_written
from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import Values

# Volumes whose files nobody writes. https://kubernetes.io/docs/concepts/storage/volumes/
_READ_ONLY_VOLUMES: Final = ("configMap", "secret", "projected", "downwardAPI", "image")
_OPEN_VOLUME: Final = "emptyDir"  # everybody's to write, as the kubelet makes it


def containers_must_write(inventory: Inventory, type_: str, values: Values) -> None:
    """Raises RefusedError for a container whose user, mounts or root file system keep it from writing."""
    for container in containers_waited_for(inventory, type_, values):
        for path in paths_written(inventory, container.image):
            why = _pod_hindrance(container, path) if container.in_pod else _task_hindrance(container, path)
            if why is not None:
                raise RefusedError(
                    "CrashLoopBackOff" if container.in_pod else "EssentialContainerExited",
                    f"{container.written.get('name')} can't write {path}, which {container.image} must: {why}",
                )


# ---- pods ----------------------------------------------------------------------------------------------


def _pod_hindrance(container: Container, path: str) -> str | None:
    """Words on what keeps a container of a pod from writing a path; None if nothing does."""
    own = container.written.get("securityContext") or {}
    pods = container.around.get("securityContext") or {}
    mount = _mount_over(container.written.get("volumeMounts"), "mountPath", path)
    if mount is None:
        return "the root file system is read-only" if own.get("readOnlyRootFilesystem") is True else None
    volume = next(
        (it for it in container.around.get("volumes") or () if it.get("name") == mount.get("name")), {}
    )
    if mount.get("readOnly") is True or any(kind in volume for kind in _READ_ONLY_VOLUMES):
        return f"the volume {mount.get('name')} is read-only"
    user = own.get("runAsUser", pods.get("runAsUser", 0))
    if _OPEN_VOLUME not in volume and user != 0 and "fsGroup" not in pods:
        return f"the volume {mount.get('name')} is root's, and it runs as {user} without an fsGroup"
    return None


# ---- tasks ---------------------------------------------------------------------------------------------


def _task_hindrance(container: Container, path: str) -> str | None:
    """Words on what keeps a container of a task from writing a path; None if nothing does.

    A bind mount is root's with mode 0755, unless the image has the path as a VOLUME of its own:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
    """
    written = container.written
    tmpfs = _mount_over((written.get("linuxParameters") or {}).get("tmpfs"), "containerPath", path)
    if tmpfs is not None:
        return "the tmpfs is read-only" if "ro" in (tmpfs.get("mountOptions") or ()) else None
    mount = _mount_over(written.get("mountPoints"), "containerPath", path)
    if mount is None:
        return "the root file system is read-only" if written.get("readonlyRootFilesystem") is True else None
    if mount.get("readOnly") is True:
        return f"the volume {mount.get('sourceVolume')} is read-only"
    user = str(written.get("user") or "0").partition(":")[0]
    volumes = container.around.get("volumes") or ()
    volume = next((it for it in volumes if it.get("name") == mount.get("sourceVolume")), {})
    if user not in ("0", "root") and "efsVolumeConfiguration" not in volume:
        return f"the volume {mount.get('sourceVolume')} is root's, and it runs as {user}"
    return None


def _mount_over(mounts: Any, key: str, path: str) -> dict[str, Any] | None:
    """Innermost of the mounts that a path is in."""
    found = sorted(_covering(mounts, key, path), key=lambda mount: len(str(mount[key])))
    return found[-1] if found else None


def _covering(mounts: Any, key: str, path: str) -> Iterator[dict[str, Any]]:
    for mount in mounts if isinstance(mounts, list) else ():
        if isinstance(mount, dict) and PurePosixPath(path).is_relative_to(str(mount.get(key))):
            yield mount
