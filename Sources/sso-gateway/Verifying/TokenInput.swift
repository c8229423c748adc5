import Glibc
import SecretMemory

/// Reads the token from the command line or from standard input.
enum TokenInput {
    static func read(_ argument: String) throws(TokenVerdict) -> SecretBytes {
        guard argument == "-" else { return SecretBytes(argument) }
        if Terminal.isTerminal(0) { Terminal.complain("Paste the token, then press Return and Ctrl-D.") }
        let content: SecretBytes
        do { content = try ReadFile.bytes(of: 0, "standard input") } catch {
            throw .refused("token_unreadable", "The token was not read: \(error).", lookAt: "Standard input.")
        }
        // One line end, which `echo` and editors add, is not part of the token.
        var end = content.count
        if end > 0, content[end - 1] == UInt8(ascii: "\n") { end -= 1 }
        if end > 0, end < content.count, content[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return content[0..<end]
    }
}
