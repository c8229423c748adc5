import SecretMemory
import Yams

/// A secret that is given as a value (best as `${NAME}`) or as the path of its file, never as both.
enum SecretSetting {
    static func read(_ name: String, _ reader: MappingReader, isRequired: Bool = true) -> SecretBytes? {
        let inPlace = reader.text(name)
        let file = reader.text(name + "_file")
        switch (inPlace, file) {
        case (nil, nil):
            if isRequired { reader.missing(name, "is missing: give \(name) or \(name)_file") }
            return nil
        case (_?, let (_, node)?):
            reader.list.add(node, reader.path(name + "_file"), "is given beside \(name): keep one of them")
            return nil
        case (let (text, node)?, nil):
            return checked(SecretBytes(text), name, node, reader)
        case (nil, let (path, node)?):
            do {
                return checked(try ReadFile.secret(path, shownAs: ShownValue.of(node)), name + "_file", node, reader)
            } catch {
                reader.list.add(node, reader.path(name + "_file"), error.message)
                return nil
            }
        }
    }

    /// A secret that is given as `NAME_file` only; nil if it is not given.
    static func readFile(_ name: String, _ reader: MappingReader) -> SecretBytes? {
        guard let (path, node) = reader.text(name + "_file") else { return nil }
        do {
            return checked(try ReadFile.secret(path, shownAs: ShownValue.of(node)), name + "_file", node, reader)
        } catch {
            reader.list.add(node, reader.path(name + "_file"), error.message)
            return nil
        }
    }

    static func isSecret(_ secret: SecretBytes) -> Bool {
        (1...4096).contains(secret.count) && (0..<secret.count).allSatisfy { (0x21...0x7e).contains(secret[$0]) }
    }

    private static func checked(_ secret: SecretBytes, _ name: String, _ node: Node, _ reader: MappingReader)
        -> SecretBytes?
    {
        guard isSecret(secret) else {
            reader.list.add(node, reader.path(name), "must hold 1 to 4096 printable characters without blanks")
            return nil
        }
        return secret
    }
}
