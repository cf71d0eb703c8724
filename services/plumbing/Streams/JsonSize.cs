using System.Buffers;
using System.Text.Json;
using Nightshift.Plumbing.Hosting;

namespace Nightshift.Plumbing.Streams;

/// <summary>How long a value is as JSON, without keeping the JSON.</summary>
static class JsonSize
{
    /// <summary>Its length in bytes.</summary>
    public static long Of(object value)
    {
        using var counter = new Counter();
        using (var json = new Utf8JsonWriter(counter))
            JsonSerializer.Serialize(json, value, value.GetType(), Json.Options);
        return counter.Bytes;
    }

    sealed class Counter : IBufferWriter<byte>, IDisposable
    {
        byte[] scratch = ArrayPool<byte>.Shared.Rent(4096);

        public long Bytes { get; private set; }

        public void Advance(int count) => Bytes += count;

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (sizeHint > scratch.Length)
            {
                ArrayPool<byte>.Shared.Return(scratch);
                scratch = ArrayPool<byte>.Shared.Rent(sizeHint);
            }
            return scratch;
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(scratch);
    }
}
