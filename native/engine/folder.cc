#include "folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace nm {

std::string folder_path() {
  if (const char* named = std::getenv("NODE_NETMAP_DIR"); named && *named) return named;
  struct stat st;
  std::string base = "/dev/shm";
  if (stat(base.c_str(), &st) != 0 || !S_ISDIR(st.st_mode)) {
    const char* tmp = std::getenv("TMPDIR");
    base = tmp && *tmp ? tmp : "/tmp";
  }
  return base + "/node-netmap-" + std::to_string(geteuid());
}

Status open_failure(const std::string& path) {
  const int err = errno;
  if (err != EMFILE && err != ENFILE) return Status::failure(err, "open", path);
  return Status::failure(err, "open", path + ": no file descriptors left; close some or raise the limit (ulimit -n)");
}

Status check_folder(const std::string& path, bool create) {
  if (create && mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Status::failure(errno, "mkdir",
                           "cannot make the engine folder " + path + "; name another one with NODE_NETMAP_DIR");
  }
  struct stat st;
  if (lstat(path.c_str(), &st) != 0) return Status::failure(errno, "lstat", "engine folder " + path);
  if (S_ISLNK(st.st_mode)) {
    return Status::failure(
        EPERM, "lstat",
        "engine folder " + path + " is a symbolic link; remove it or name another folder with NODE_NETMAP_DIR");
  }
  if (!S_ISDIR(st.st_mode)) {
    return Status::failure(
        ENOTDIR, "lstat",
        "engine folder " + path + " is not a folder; remove it or name another one with NODE_NETMAP_DIR");
  }
  if (st.st_uid != geteuid()) {
    return Status::failure(EPERM, "lstat",
                           "engine folder " + path + " belongs to user " + std::to_string(st.st_uid) + ", not to us (" +
                               std::to_string(geteuid()) + "); name another folder with NODE_NETMAP_DIR");
  }
  if (st.st_mode & 077) {
    return Status::failure(EPERM, "lstat", "engine folder " + path + " is open to other users; run: chmod 700 " + path);
  }
  return {};
}

}  // namespace nm
