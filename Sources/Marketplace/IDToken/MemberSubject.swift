import Untrusted

/// The form of `sub` in a member's token: `^account:[0-9a-fA-F]+:user:[0-9a-fA-F]+$`.
enum MemberSubject {
    private static let account = Array("account:".utf8)
    private static let user = Array(":user:".utf8)

    static func matches(_ subject: UntrustedText) -> Bool {
        let bytes = subject.bytes.span
        var position = 0
        return skip(account, bytes, &position) && skipHexadecimal(bytes, &position) && skip(user, bytes, &position)
            && skipHexadecimal(bytes, &position) && position == bytes.count
    }

    /// `^account:[0-9a-fA-F]+$`: in the marketplace's own calls.
    static func isAccount(_ subject: UntrustedText) -> Bool {
        let bytes = subject.bytes.span
        var position = 0
        return skip(account, bytes, &position) && skipHexadecimal(bytes, &position) && position == bytes.count
    }

    private static func skip(_ word: [UInt8], _ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        guard bytes.count - position >= word.count else { return false }
        for place in word.indices where bytes[position + place] != word[place] { return false }
        position += word.count
        return true
    }

    /// One digit or more.
    private static func skipHexadecimal(_ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        let start = position
        while position < bytes.count, Hexadecimal.value(bytes[position]) != nil { position += 1 }
        return position > start
    }
}
