using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nightshift.Cli.Infrastructure;

/// <summary>Who owns a file and what kind it is, which .NET does not tell.</summary>
/// <param name="Owner">The owner's user id.</param>
/// <param name="Mode">Type and permission bits, as in <c>st_mode</c>.</param>
public sealed partial record FileFacts(uint Owner, int Mode)
{
    // statx(2): its structure is the same on every processor, unlike that of stat(2)
    const int CurrentDirectory = -100,
        NoFollow = 0x100,
        EmptyPath = 0x1000,
        SizeOfStatx = 256,
        OffsetOfOwner = 20,
        OffsetOfMode = 28;
    const uint BasicFacts = 0x7ff;

    const int TypeBits = 0xF000,
        Directory = 0x4000,
        Regular = 0x8000,
        Link = 0xA000,
        OthersMayWrite = 0x2;

    // open(2); O_NOFOLLOW alone differs between processors
    const int NonBlocking = 0x800,
        CloseOnExec = 0x80000;
    static readonly int OpenNoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm
        ? 0x8000
        : 0x20000;

    public bool IsDirectory => (Mode & TypeBits) == Directory;

    public bool IsRegular => (Mode & TypeBits) == Regular;

    public bool IsLink => (Mode & TypeBits) == Link;

    public bool IsWorldWritable => (Mode & OthersMayWrite) != 0;

    /// <param name="follow">False describes a link itself, true what it points to.</param>
    /// <returns>Null when there is no such file, or it cannot be reached.</returns>
    public static FileFacts? Of(string path, bool follow = false) =>
        Read(CurrentDirectory, path, follow ? 0 : NoFollow);

    /// <summary>Reads a small file only if it is a regular file of this user and no link.</summary>
    /// <returns>Null when it is missing, a link, another kind of file, or another user's.</returns>
    public static string? ReadOwn(string path)
    {
        using var file = Open(path, OpenNoFollow | NonBlocking | CloseOnExec);
        if (
            file.IsInvalid
            || Read((int)file.DangerousGetHandle(), "", EmptyPath) is not { IsRegular: true } facts
            || facts.Owner != Machine.User
        )
            return null;
        Span<byte> content = stackalloc byte[4096];
        return Encoding.UTF8.GetString(content[..RandomAccess.Read(file, content, 0)]);
    }

    static unsafe FileFacts? Read(int folder, string path, int flags)
    {
        Span<byte> facts = stackalloc byte[SizeOfStatx];
        fixed (byte* buffer = facts)
            if (Statx(folder, path, flags, BasicFacts, buffer) != 0)
                return null;
        return new(
            BinaryPrimitives.ReadUInt32LittleEndian(facts[OffsetOfOwner..]),
            BinaryPrimitives.ReadUInt16LittleEndian(facts[OffsetOfMode..])
        );
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);
}
