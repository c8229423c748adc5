import CCurl
import Glibc
import HTTP

/// The header lines of one request in libcurl's form: the caller's lines, and lines that remove what libcurl would add by
/// itself. `Host` and `Content-Length` are libcurl's.
///
/// `@unchecked Sendable`: built in `init` and only read afterwards. The lines may hold credentials, so all of them lie in
/// one block, which `deinit` overwrites; libcurl copies them to its own heap, which cleanses itself.
@safe final class HeaderList: @unchecked Sendable {
    private struct Line {
        let name: ArraySlice<UInt8>
        let value: ArraySlice<UInt8>
        /// A line "Name:" removes libcurl's own field; "Name;" sends a field without a value.
        var isRemoval = false

        /// With a NUL behind it.
        var size: Int { name.count + 2 + (value.isEmpty ? 0 : 1 + value.count) }
    }

    private let block: UnsafeMutableRawBufferPointer
    var list: UnsafeMutablePointer<curl_slist>? { unsafe block.baseAddress?.assumingMemoryBound(to: curl_slist.self) }

    /// Set by libcurl alone: they decide where a message ends or where it goes.
    private static let reserved = [
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "TE", "Trailer", "Upgrade", "Keep-Alive",
        "Proxy-Connection", "Proxy-Authorization",
    ]
    private static let expect = Array(KnownHeader.expect.name.utf8)[...]
    private static let userAgent = Array(KnownHeader.userAgent.name.utf8)[...]
    /// libcurl adds these to some requests by itself.
    private static let unwanted = [KnownHeader.accept, .contentType].map { ($0, Array($0.name.utf8)[...]) }

    init(_ headers: HTTPHeaders, userAgent: String) throws(HTTPClientError) {
        var lines = [Line(name: Self.expect, value: [], isRemoval: true)]
        lines.reserveCapacity(headers.count + 4)
        if !headers.has(.userAgent) {
            lines.append(Line(name: Self.userAgent, value: Array(userAgent.utf8)[...], isRemoval: userAgent.isEmpty))
        }
        for (header, name) in Self.unwanted where !headers.has(header) {
            lines.append(Line(name: name, value: [], isRemoval: true))
        }
        for index in 0..<headers.count {
            let line = Line(name: headers.name(at: index), value: headers.value(at: index))
            guard !line.name.isEmpty, ByteSet.token.containsAll(line.name), Self.isValue(line.value),
                !Self.reserved.contains(where: { HTTPHeaders.equal(line.name, $0) })
            else { throw .headerRefused }
            lines.append(line)
        }
        let heads = unsafe lines.count * MemoryLayout<curl_slist>.stride
        unsafe block = .allocate(
            byteCount: lines.reduce(heads) { $0 + $1.size }, alignment: MemoryLayout<curl_slist>.alignment)
        unsafe Self.write(lines, to: block, from: heads)
    }

    deinit {
        if let start = unsafe block.baseAddress { unsafe explicit_bzero(start, block.count) }
        unsafe block.deallocate()
    }

    /// Heads of the list first, the text they point to from `offset` on.
    private static func write(_ lines: [Line], to block: UnsafeMutableRawBufferPointer, from offset: Int) {
        let heads = unsafe block.baseAddress!.assumingMemoryBound(to: curl_slist.self)
        var offset = offset
        for (index, line) in lines.enumerated() {
            let text = unsafe UnsafeMutableRawBufferPointer(rebasing: block[offset..<offset + line.size])
            let next = unsafe index + 1 < lines.count ? heads + index + 1 : nil
            unsafe (heads + index).initialize(
                to: curl_slist(data: text.baseAddress!.assumingMemoryBound(to: CChar.self), next: next))
            unsafe line.name.withUnsafeBytes { unsafe text.copyMemory(from: $0) }
            unsafe text[line.name.count] = UInt8(ascii: line.value.isEmpty && !line.isRemoval ? ";" : ":")
            if !line.value.isEmpty {
                unsafe text[line.name.count + 1] = UInt8(ascii: " ")
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: text[(line.name.count + 2)...])
                unsafe line.value.withUnsafeBytes { unsafe rest.copyMemory(from: $0) }
            }
            unsafe text[line.size - 1] = 0
            offset += line.size
        }
    }

    /// RFC 9110 section 5.5, without the obsolete bytes above ASCII, and without blanks at the ends, which recipients
    /// strip.
    private static func isValue(_ value: ArraySlice<UInt8>) -> Bool {
        value.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x09 }
            && !(value.first.map(isBlank) ?? false) && !(value.last.map(isBlank) ?? false)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
