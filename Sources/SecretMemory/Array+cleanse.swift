import Glibc

extension Array<UInt8> {
    /// Overwrites the bytes in place and empties the array: for a working copy of a secret. A storage that another array
    /// shares would be copied first and stay as it was.
    package mutating func cleanse() {
        unsafe withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
        }
        removeAll(keepingCapacity: false)
    }
}
