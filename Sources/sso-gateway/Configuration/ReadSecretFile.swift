import Glibc
import SecretMemory

/// Reads files that hold secrets, also as container platforms mount them.
extension ReadFile {
    /// The kinds of file that a secret may be read from.
    enum SecretSource {
        case file
        /// For commands: a shell's `<(…)` is a pipe.
        case fileOrPipe
    }

    /// The content of a file that root or this process's user owns. Its group may read it if this process is in that
    /// group, and may not write it. Others may do neither. Root, who runs commands for the service's user, also accepts the owner
    /// and the group of the file's directory.
    ///
    /// Links are followed, because Kubernetes replaces a mounted secret by a new link. The open file is checked, so that
    /// nothing can be swapped between the check and the read.
    ///
    /// - Parameters:
    ///   - shown: The path for messages, if `path` itself may hold a secret.
    ///   - ifAbsent: A hint for the message, if there is no file.
    static func secretContent(
        _ path: String, shownAs shown: String? = nil, from source: SecretSource = .file, ifAbsent: String = ""
    ) throws(Failure) -> SecretBytes {
        let name = shown ?? path
        // O_NONBLOCK: opening a pipe would wait for its writer.
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
        if let fault = fault(status, in: directory(of: path), name) {
            throw Failure(message: "\(name) \(fault)")
        }
        return try bytes(of: descriptor, name)
    }

    /// Why the file's owner or mode is not safe for a secret, and the command that corrects it.
    private static func fault(_ status: stat, in directory: String, _ path: String) -> String? {
        let (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode)
        var place = stat()
        let isForService = unsafe geteuid() == 0 && stat(directory, &place) == 0
        if owner != 0, owner != geteuid(), !(isForService && owner == place.st_uid) {
            return "belongs to user \(owner), not to root or to this process's user: run `chown \(geteuid()) \(path)`"
        }
        let mount = "; where a platform mounts it, give it the mode 0440"
        if mode & 0o004 != 0 { return "can be read by others: run `chmod o= \(path)`\(mount)" }
        if mode & 0o002 != 0 { return "can be written by others: run `chmod o= \(path)`" }
        if mode & 0o020 != 0 { return "can be written by its group: run `chmod g-w \(path)`" }
        if mode & 0o040 != 0, !isOurs(group), !(isForService && group == place.st_gid) {
            return "can be read by group \(group), which is not a group of this process: run `chmod g= \(path)`"
        }
        return nil
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return String(path[...slash])
    }

    private static func isOurs(_ group: gid_t) -> Bool {
        if group == getegid() { return true }
        let count = getgroups(0, nil)
        guard count > 0 else { return false }
        var groups = [gid_t](repeating: 0, count: Int(count))
        return unsafe getgroups(count, &groups) == count && groups.contains(group)
    }
}
