using Retort.Environments;

namespace Retort.Tests.Environments;

/// <summary>The classic environments by hand.</summary>
public sealed class ClassicEnvironmentTests
{
    const double Tolerance = 1e-9;

    [Theory] // θ̇' = θ̇ + (15 sin θ + 3 u) 0.05, clipped to ±8; θ' = θ + 0.05 θ̇'
    [InlineData(0.1, 0, 1, 0.1112437531, 0.2248750625, -0.011)]
    [InlineData(Math.PI, 8, 2, 3.5415926536, 8, -16.2736044011)]
    [InlineData(-3, -7.9, -5, -3.4, -8, -15.245)]                           // the torque is clipped to −2
    [InlineData(4, 1, 0.5, 4.0253699064, 0.5073981285, -5.3131851469)]      // the angle is not wrapped in the state
    public void A_pendulum_steps(double angle, double speed, double torque, double nextAngle, double nextSpeed,
        double reward)
    {
        var pendulum = new Pendulum();
        (pendulum.State[0], pendulum.State[1]) = (angle, speed);
        var outcome = pendulum.Step([torque]);
        Assert.Equal(nextAngle, pendulum.State[0], Tolerance);
        Assert.Equal(nextSpeed, pendulum.State[1], Tolerance);
        Assert.Equal((reward, false), (Math.Round(outcome.Reward, 10), outcome.Terminated));
    }

    [Theory] // hanging down: −π² in each of 200 steps
    [InlineData(Math.PI, -1973.9208802)]
    [InlineData(1, -1067.4522016)]
    public void A_pendulum_without_torque_has_this_return(double angle, double expected)
    {
        var pendulum = new Pendulum();
        (pendulum.State[0], pendulum.State[1]) = (angle, 0);
        var episode = new Episode(pendulum);
        episode.Continue(0, 0);
        var end = EpisodeEnd.None;
        while (end == EpisodeEnd.None) end = episode.Step([0]).End;
        Assert.Equal(EpisodeEnd.TimeLimit, end);
        Assert.Equal((200, expected), (episode.Steps, Math.Round(episode.Return, 7)));
    }

    [Theory]
    [InlineData(-0.5, 0, 1, -0.4986768430, 0.0013231570, -0.1, false)]
    [InlineData(-0.5, 0, 2, -0.4986768430, 0.0013231570, -0.4, false)]      // the reward is of the unclipped action
    [InlineData(0.44, 0.05, 0.5, 0.4901295614, 0.0501295614, 99.975, true)]
    [InlineData(-1.19, -0.07, -1, -1.2, 0, -0.1, false)]                    // the wall takes the speed
    public void A_car_steps(
        double x, double v, double force, double nextX, double nextV, double reward, bool terminated)
    {
        var car = new MountainCar();
        (car.State[0], car.State[1]) = (x, v);
        var outcome = car.Step([force]);
        Assert.Equal(nextX, car.State[0], 1e-7);                            // the state is float32
        Assert.Equal(nextV, car.State[1], 1e-8);
        Assert.Equal((reward, terminated), (Math.Round(outcome.Reward, 10), outcome.Terminated));
    }

    [Fact] // full force the way it rolls: 105 steps of −0.1 and one of 99.9
    public void A_car_that_is_pushed_the_way_it_rolls_reaches_the_goal()
    {
        var car = new MountainCar();
        (car.State[0], car.State[1]) = (-0.5, 0);
        var episode = new Episode(car);
        episode.Continue(0, 0);
        var end = EpisodeEnd.None;
        while (end == EpisodeEnd.None) end = episode.Step([car.State[1] >= 0 ? 1 : -1]).End;
        Assert.Equal((EpisodeEnd.Terminated, 106, 89.4), (end, episode.Steps, Math.Round(episode.Return, 9)));
    }

    [Fact]
    public void Start_states_are_within_their_ranges_and_the_same_for_the_same_stream()
    {
        for (var i = 0; i < 200; i++)
        {
            var (pendulum, car, pole) = (new Pendulum(), new MountainCar(), new CartPole());
            Reset(pendulum, i);
            Reset(car, i);
            Reset(pole, i);
            Assert.InRange(pendulum.State[0], -Math.PI, Math.PI);
            Assert.InRange(pendulum.State[1], -1, 1);
            Assert.InRange(car.State[0], -0.6, -0.4);
            Assert.Equal(0, car.State[1]);
            Assert.All(pole.State.ToArray(), value => Assert.InRange(value, -0.05, 0.05));
            var again = new Pendulum();
            Reset(again, i);
            Assert.Equal(pendulum.State.ToArray(), again.State.ToArray());
        }

        static void Reset(ControlEnvironment environment, int i)
        {
            var random = new RandomStream(1, StreamKey.Episode, i);
            environment.Reset(ref random);
        }
    }

    [Fact]
    public void A_drawing_is_an_svg_whose_pendulum_moves()
    {
        var pendulum = new Pendulum();
        var upright = pendulum.Draw(0);
        pendulum.Step([2]);
        var svg = EnvironmentAnimation.Svg("a < b", [upright, pendulum.Draw(0)]);
        var document = System.Xml.Linq.XDocument.Parse(svg);
        Assert.Equal("a < b", document.Root!.Elements().First().Value);
        var animate = document.Descendants().Single(
            element => (string?)element.Attribute("attributeName") == "points");
        Assert.Equal(2, ((string)animate.Attribute("values")!).Split(';').Distinct().Count());
    }
}
