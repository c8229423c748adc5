import PostgreSQLClient
import SecretMemory
import Yams

/// Reads `store` and `store_password_file`.
enum ReadStore {
    /// Nil if `store` is not given, or wrong.
    static func setting(_ root: MappingReader) -> StoreSetting? {
        let passwordFile = root.text("store_password_file")
        guard let (text, node) = root.text("store") else {
            refuse(passwordFile, root, "is for a `store` of postgresql://")
            return nil
        }
        guard text.hasPrefix("postgres") else {
            refuse(passwordFile, root, "is for a `store` of postgresql://")
            guard let setting = StoreSetting(text) else {
                root.list.add(
                    node, root.path("store"),
                    "must be `sqlite:/path`, `postgresql://…` or `memory`, not \(ShownValue.of(node))")
                return nil
            }
            return setting
        }
        do throws(PostgreSQLAddress.Problem) {
            let address = try PostgreSQLAddress(text)
            if address.hasPassword { refuse(passwordFile, root, "is given beside a password in `store`: keep one") }
            if let (path, node) = passwordFile { checkFile(path, node, root) }
            return .postgreSQL(address, passwordFile: passwordFile?.0)
        } catch {
            // The address may hold a password.
            root.list.add(node, root.path("store"), "cannot be used: \(error)")
            return nil
        }
    }

    /// Adds a problem for a file that cannot be read, or that others can read.
    private static func checkFile(_ path: String, _ node: Node, _ root: MappingReader) {
        do { _ = try ReadFile.secret(path, shownAs: ShownValue.of(node)) } catch {
            root.list.add(node, root.path("store_password_file"), error.message)
        }
    }

    private static func refuse(_ given: (String, Node)?, _ root: MappingReader, _ why: String) {
        if let (_, node) = given { root.list.add(node, root.path("store_password_file"), why) }
    }
}
