internal import COpenSSL

/// Random bytes for keys, tickets and nonces.
package enum SecureRandom {
    /// `count` bytes of OpenSSL's generator (`RAND_bytes`). Stops the process if the generator fails: there is no
    /// weaker source to fall back to.
    package static func bytes(_ count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress { unsafe fill(start, count) }
            filled = count
        }
    }

    static func fill(_ start: UnsafeMutablePointer<UInt8>, _ count: Int) {
        unsafe require(RAND_bytes(start, Int32(count)), "RAND_bytes")
    }
}
