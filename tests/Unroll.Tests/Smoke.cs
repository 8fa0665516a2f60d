public class Smoke { [Fact] public void One() => Assert.True(1 == 1); }
