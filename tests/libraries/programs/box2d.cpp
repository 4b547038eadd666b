// Box2D: a pyramid of boxes falls, and a ball hits it.
#include "output.h"
#include "box2d/box2d.h"

void run() {
  b2World world(b2Vec2(0, -10));
  b2BodyDef ground;
  b2EdgeShape floor;
  floor.SetTwoSided(b2Vec2(-40, 0), b2Vec2(40, 0));
  world.CreateBody(&ground)->CreateFixture(&floor, 0);

  b2PolygonShape box;
  box.SetAsBox(0.5f, 0.5f);
  for (int row = 0; row < 20; row++) {
    for (int column = row; column < 20; column++) {
      b2BodyDef body;
      body.type = b2_dynamicBody;
      body.position.Set(-11.0f + row * 0.5625f + (column - row) * 1.125f, 0.75f + row * 1.25f);
      world.CreateBody(&body)->CreateFixture(&box, 5);
    }
  }
  b2BodyDef thrown;
  thrown.type = b2_dynamicBody;
  thrown.bullet = true;
  thrown.position.Set(-30, 8);
  thrown.linearVelocity.Set(60, 2);
  b2CircleShape ball;
  ball.m_radius = 1;
  b2Body* body = world.CreateBody(&thrown);
  body->CreateFixture(&ball, 20);

  for (int step = 0; step < 240; step++) {
    world.Step(1.0f / 60, 8, 3);
    if (step % 60 == 59) printf("step %d: %d contacts, the ball at %.2f %.2f\n", step + 1, world.GetContactCount(), body->GetPosition().x, body->GetPosition().y);
  }
}
