import TestSupport

/// A private certification authority, and a certificate of it for a test's hosts. Clients trust no other.
enum Certificate {
    static let hosts = ["localhost", "status.localhost"]

    /// Makes `ca.pem` and returns what `snippet` is given. `both.pem` has the certificate and its key, as HAProxy wants it.
    static func make(in directory: String) throws -> [String] {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        let script = """
            set -e
            openssl req -x509 \(key) -days 2 -subj /CN=tests -keyout ca.key -out ca.pem
            openssl req \(key) -subj /CN=\(hosts[0]) -keyout site.key -out site.csr
            echo subjectAltName=\(hosts.map { "DNS:\($0)" }.joined(separator: ",")) > extensions
            openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out site.pem
            cat site.pem site.key > both.pem
            chmod 644 both.pem site.key
            """
        let shell = ChildProcess(["sh", "-c", script], in: directory, output: "\(directory)/openssl.log")
        guard shell?.wait() == true else { throw ProxiedApp.CannotStart(what: "openssl") }
        return ["--certificate", "\(directory)/both.pem", "--certificate-key", "\(directory)/site.key"]
    }
}
