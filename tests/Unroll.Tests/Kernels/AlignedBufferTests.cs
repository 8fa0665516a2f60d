using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public static unsafe class AlignedBufferTests
{
    [Fact]
    public static void Memory_is_aligned_zero_and_stays_put()
    {
        foreach (int length in (int[])[1, 15, 16, 17, 1000, 100_000])
        {
            var buffer = new AlignedBuffer<float>().Ensure(length);
            float* first = buffer.Pointer;
            Assert.Equal(0, (nint)first % 64);
            Assert.Equal(length, buffer.Length);
            Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(0f));
            buffer.Span.Fill(1);
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            Assert.True(buffer.Ensure(length / 2).Pointer == first, "A smaller need moved the buffer.");
            Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(1f));
            buffer.Ensure(length + 1);
            Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(0f));
        }
    }

    [Fact]
    public static void A_buffer_too_long_for_an_array_is_a_lack_of_memory()
    {
        foreach (long length in (long[])[int.MaxValue - 100L, int.MaxValue, long.MaxValue])
            Assert.Throws<OutOfMemoryException>(() => _ = new AlignedBuffer<float>().Ensure(length).Length);
    }
}
