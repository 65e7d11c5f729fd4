#include "folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace nm {

namespace {

bool of_a_group(const struct stat& folder) {
  return (folder.st_mode & 02077) == 02070;
}

// Whether the folder is one of a group, and which.
bool group_of(const std::string& folder, gid_t* group) {
  struct stat st;
  if (stat(folder.c_str(), &st) != 0 || !of_a_group(st)) return false;
  *group = st.st_gid;
  return true;
}

}  // namespace

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
  if (of_a_group(st)) {
    if (faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) == 0) return {};
    return Status::failure(EPERM, "access",
                           "engine folder " + path + " is for group " + std::to_string(st.st_gid) +
                               ", which we are not in; join it or name another folder with NODE_NETMAP_DIR");
  }
  if (st.st_uid != geteuid()) {
    return Status::failure(EPERM, "lstat",
                           "engine folder " + path + " belongs to user " + std::to_string(st.st_uid) + ", not to us (" +
                               std::to_string(geteuid()) + "); name another folder with NODE_NETMAP_DIR");
  }
  if (st.st_mode & 077) {
    return Status::failure(EPERM, "lstat",
                           "engine folder " + path + " is open to other users; run: chmod 700 " + path +
                               " (or chmod 2770 to share it with its group)");
  }
  return {};
}

void admit(int fd, const std::string& folder) {
  gid_t group;
  if (group_of(folder, &group)) fchmod(fd, 0660);
}

bool trusted(const struct stat& file, const std::string& folder) {
  gid_t group;
  if (group_of(folder, &group)) return file.st_gid == group && !(file.st_mode & 07);
  return file.st_uid == geteuid() && !(file.st_mode & 077);
}

}  // namespace nm
