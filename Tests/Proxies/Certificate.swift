import TestSupport

/// A certificate for `localhost` that nobody trusts.
enum Certificate {
    /// Makes it, and returns what `snippet` is told of it. The file has the key too, as HAProxy wants it.
    static func make(in directory: String) throws -> [String] {
        let openssl = ChildProcess(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "site.pem", "-out",
                "certificate.pem",
            ], in: directory, output: "\(directory)/openssl.log")
        guard openssl?.wait() == true,
            ChildProcess(["cat", "certificate.pem", "site.pem"], in: directory, output: "\(directory)/both.pem")?.wait()
                == true
        else { throw ProxiedApp.CannotStart(what: "openssl") }
        return ["--certificate", "\(directory)/both.pem", "--certificate-key", "\(directory)/both.pem"]
    }
}
