import Glibc
import SecretMemory

/// Files that hold secrets, as platforms mount them.
extension ReadFile {
    /// Where a secret may come from besides a plain file.
    enum SecretSource {
        case file
        /// For commands: a shell hands over a program's output as a pipe.
        case fileOrPipe
    }

    /// The content of a file that root or this process's user owns, that its group may read only if that is a group of this
    /// process, and that its group cannot write to and others can neither read nor write to.
    ///
    /// Links are followed: Kubernetes replaces a mounted secret by a new link. The checks are of the open file, so neither
    /// the file nor a link can be swapped between a check and the reading. `shown`: the path in messages,
    /// where it is not to be shown itself. `ifAbsent`: what to do where there is no file.
    static func secretContent(
        _ path: String, shownAs shown: String? = nil, from source: SecretSource = .file, ifAbsent: String = ""
    ) throws(Failure) -> SecretBytes {
        let name = shown ?? path
        // Without waiting for a writer where a pipe is in the file's place.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | (source == .file ? O_NONBLOCK : 0))
        guard descriptor >= 0 else {
            let hint =
                switch errno {
                case ENOENT: ifAbsent
                case EACCES: ": run `chown \(geteuid()) \(name)`, or put it into a group of this process"
                default: ""
                }
            throw Failure(message: "cannot read \(name): \(reason())\(hint)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw Failure(message: "cannot read \(name): \(reason())")
        }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG || (kind == S_IFIFO && source == .fileOrPipe) else {
            throw Failure(message: "\(name) is not a plain file")
        }
        if let fault = fault(status, name) { throw Failure(message: "\(name) \(fault)") }
        return try bytes(of: descriptor, name)
    }

    /// Why a file is no place for a secret, and the command that changes that.
    private static func fault(_ status: stat, _ path: String) -> String? {
        let (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode)
        if owner != 0, owner != geteuid() {
            return "belongs to user \(owner), not to root or to us: run `chown \(geteuid()) \(path)`"
        }
        let mount = "; where a platform mounts it, give it the mode 0440"
        if mode & 0o004 != 0 { return "can be read by others: run `chmod o= \(path)`\(mount)" }
        if mode & 0o002 != 0 { return "can be written by others: run `chmod o= \(path)`" }
        if mode & 0o020 != 0 { return "can be written by its group: run `chmod g-w \(path)`" }
        if mode & 0o040 != 0, !isOurs(group) {
            return "can be read by group \(group), which is not ours: run `chmod g= \(path)`"
        }
        return nil
    }

    private static func isOurs(_ group: gid_t) -> Bool {
        if group == getegid() { return true }
        let count = getgroups(0, nil)
        guard count > 0 else { return false }
        var groups = [gid_t](repeating: 0, count: Int(count))
        return unsafe getgroups(count, &groups) == count && groups.contains(group)
    }
}
