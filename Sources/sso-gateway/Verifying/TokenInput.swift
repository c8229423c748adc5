import Glibc
import SecretMemory

/// The token as it was given: on the command line or on standard input.
enum TokenInput {
    static func read(_ argument: String) throws(TokenVerdict) -> SecretBytes {
        guard argument == "-" else { return SecretBytes(argument) }
        if Terminal.isTerminal(0) { Terminal.complain("Paste the token, then press Return and Ctrl-D.") }
        let content: SecretBytes
        do { content = try ReadFile.bytes(of: 0, "standard input") } catch {
            throw .refused("token_unreadable", "The token was not read: \(error).", lookAt: "Standard input.")
        }
        // The one line end that `echo` and editors put behind it; everything else counts.
        var end = content.count
        if end > 0, content[end - 1] == UInt8(ascii: "\n") { end -= 1 }
        if end > 0, end < content.count, content[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return content[0..<end]
    }
}
